namespace Estream.Esf;

/// <summary>
/// The value of a field that is taken from another text, such as the topic of a payload: the part of this text that contains the value.
/// </summary>
/// <param name="Field">The field, of the schema being encoded; it must have a text form (<see cref="EsfField.HasTextForm"/>).</param>
/// <param name="Start">The index of the first byte of the part.</param>
/// <param name="Length">The length of the part in bytes.</param>
public readonly record struct FieldCapture(EsfField Field, int Start, int Length);
