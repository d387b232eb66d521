import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const NOW = '2026-11-20T16:00:00.000Z';
const credits = (description: string, example: string) =>
  ({ type: 'string', description: `${description} In credits.`, example }) as const;
const time = (description: string, example: string) =>
  ({ type: 'string', format: 'date-time', description: `${description} ISO 8601, UTC.`, example }) as const;

/** Documented fields of replies. Amounts of credits are strings of decimal digits. */
export const Credits = (description: string, example: string): PropertyDecorator =>
  ApiProperty(credits(description, example));
export const OptionalCredits = (description: string, example: string): PropertyDecorator =>
  ApiPropertyOptional(credits(description, example));
export const Text = (description: string, example: string): PropertyDecorator =>
  ApiProperty({ type: 'string', description, example });
export const OptionalText = (description: string, example: string): PropertyDecorator =>
  ApiPropertyOptional({ type: 'string', description, example });
export const Time = (description: string, example = NOW): PropertyDecorator =>
  ApiProperty(time(description, example));
export const OptionalTime = (description: string, example = NOW): PropertyDecorator =>
  ApiPropertyOptional(time(description, example));
