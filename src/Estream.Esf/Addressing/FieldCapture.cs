namespace Estream.Esf;

/// <summary>
/// The value of a field taken from the topic a payload came with: which part of the text belongs to which field.
/// </summary>
/// <param name="Field">The field, of the schema that is encoded; it must have a text form (<see cref="EsfField.HasTextForm"/>).</param>
/// <param name="Start">First byte of the part.</param>
/// <param name="Length">Length of the part in bytes.</param>
public readonly record struct FieldCapture(EsfField Field, int Start, int Length);
