import type { z } from 'zod';
import type { Terms } from '../embedding/terms';
import type { MemoryService } from '../memory/memory-contract';
import type { Logger } from '../telemetry/logger';
import { createForgetTool } from './forget-tool';
import { createGoalTools } from './goal-tools';
import type { Goals } from './goals';
import { createLearning } from './learning';
import { createMemoryTools } from './memory-tools';
import type { Preferences } from './preferences';
import type { Transcript } from './transcript';

export interface ToolDependencies {
  goals: Goals;
  preferences: Preferences;
  memory: MemoryService;
  transcript: Transcript;
  terms: Terms;
  logger: Logger;
}

/** All that a coach can do. */
export function createTools({ goals, preferences, memory, transcript, terms, logger }: ToolDependencies) {
  return {
    ...createGoalTools({ goals, learning: createLearning({ goals, preferences }), logger }),
    ...createMemoryTools({ preferences, memory }),
    forget_memory: createForgetTool({ memory, transcript, terms }),
  } as const;
}

export type Tools = ReturnType<typeof createTools>;
export type ToolName = keyof Tools;
export type ToolInput<Name extends ToolName> = z.input<Tools[Name]['input']>;
export type ToolResult<Name extends ToolName> = Awaited<ReturnType<Tools[Name]['run']>>['result'];
