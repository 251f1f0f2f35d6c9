using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Translation;

/// <summary>Reads data types CE and CWE: a code with text and system, and an alternate. The texts are stored in a private field. So is the
/// whole field if a code does not look like one, or has no system.</summary>
internal static class Hl7Concept
{
    /// <summary>The first component of the alternate code. That of the code is 1.</summary>
    public const int Alternate = 4;

    /// <summary>Whether a code, and its system, look like codes.</summary>
    public static bool IsCoded(Hl7Field field, int first, Hl7Text text) =>
        Hl7Value.IsPresent(field.Component(first)) && Hl7Value.IsCode(text.Read(field.Component(first)))
        && Hl7Value.IsCode(text.Read(field.Component(first + 2)));

    /// <summary>The system of a code.</summary>
    public static ReadOnlySpan<byte> System(Hl7Field field, int first, Hl7Text text) => SystemOf(text.Read(field.Component(first + 2)));

    /// <summary>The original text, the text of the code or that of its alternate; the whole field if a code is withheld. Private.</summary>
    public static ReadOnlySpan<byte> Words(Hl7Field field, Hl7Text text)
    {
        if (IsWithheld(field, 1, text) || IsWithheld(field, Alternate, text))
        {
            return text.Read(field.Bytes);
        }

        int words = !text.Read(field.Component(9)).IsEmpty ? 9 : !text.Read(field.Component(2)).IsEmpty ? 2 : 5;
        return text.Read(field.Component(words));
    }

    /// <summary>The URI of a coding system of HL7 table 0396; other names stay as they are.</summary>
    public static ReadOnlySpan<byte> SystemOf(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("LN"u8) ? "http://loinc.org"u8
        : name.SequenceEqual("SCT"u8) ? "http://snomed.info/sct"u8
        : name.SequenceEqual("UCUM"u8) ? "http://unitsofmeasure.org"u8
        : name;

    private static bool IsWithheld(Hl7Field field, int first, Hl7Text text) =>
        Hl7Value.IsPresent(field.Component(first)) && !IsCoded(field, first, text);
}
