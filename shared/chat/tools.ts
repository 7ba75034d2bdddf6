import type { z } from 'zod';
import type { BrainTools } from '../brain/tools';
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
  brainTools: BrainTools;
  logger: Logger;
}

/** All that a coach can do. */
export function createTools(dependencies: ToolDependencies) {
  const { goals, preferences, memory, transcript, terms, brainTools, logger } = dependencies;
  return {
    ...createGoalTools({ goals, learning: createLearning({ goals, preferences }), logger }),
    ...createMemoryTools({ preferences, memory }),
    forget_memory: createForgetTool({ memory, transcript, terms }),
    ...brainTools,
  } as const;
}

export type Tools = ReturnType<typeof createTools>;
export type ToolName = keyof Tools;
export const toolNames = (tools: Tools) => Object.keys(tools) as ToolName[];
export type ToolInput<Name extends ToolName> = z.input<Tools[Name]['input']>;
export type ToolResult<Name extends ToolName> = Awaited<ReturnType<Tools[Name]['run']>>['result'];
