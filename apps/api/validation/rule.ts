import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { ValidateBy, ValidateIf } from 'class-validator';

/** The raw JSON object that a field belongs to, for rules that look at its neighbours. */
export type RawObject = Readonly<Record<string, unknown>>;

/** One rule of a field: a name for tools, what was expected for people, and the judgement. */
export interface Rule {
  readonly name: string;
  /** Completes the field's name: "must be ...". */
  readonly message: string;
  readonly test: (value: unknown, object: RawObject) => boolean;
}

export interface FieldText {
  /** With the unit. */
  readonly description: string;
  readonly example: string | number | boolean;
}

export interface FieldPresence {
  /** May be left out; `null` is not left out. */
  readonly optional?: boolean;
  /** Must be there when this says so; otherwise it may be left out. */
  readonly requiredWhen?: (object: RawObject) => boolean;
}

/** Validates with class-validator, by this rule alone. */
export function Check({ name, message, test }: Rule): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: (value, args) => test(value, args!.object as RawObject),
      defaultMessage: () => message,
    },
  });
}

/** A documented field: its rules, whether it may be absent, and what the OpenAPI document says about it. */
export function Field(
  rules: readonly Rule[],
  presence: FieldPresence,
  property: ApiPropertyOptions,
): PropertyDecorator {
  const { optional = false, requiredWhen } = presence;
  const required = !optional && requiredWhen === undefined;
  return applyDecorators(
    ApiProperty({ ...property, required } as ApiPropertyOptions),
    ...rules.map(Check),
    ...(required
      ? []
      : [ValidateIf((object: RawObject, value) => value !== undefined || requiredWhen?.(object) === true)]),
  );
}
