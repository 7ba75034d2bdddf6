import { shippedPath } from '../shared/config/shipped-files';
import { bundleFunctions } from './bundle';

/** `npm run build`: the file that package.json names as `main` and the Functions host loads. */
bundleFunctions(shippedPath('functions'), shippedPath('dist', 'keepsake.js')).catch(() => process.exit(1));
