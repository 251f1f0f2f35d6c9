namespace Estream.Wire.Hl7.Acknowledgement;

/// <summary>MSA-1, the acknowledgement code (HL7 table 0008).</summary>
public enum Hl7AckCode
{
    /// <summary>No code, or an unknown one.</summary>
    None,

    /// <summary>AA: the application accepts the message.</summary>
    ApplicationAccept,

    /// <summary>AE: the application cannot process the content of the message.</summary>
    ApplicationError,

    /// <summary>AR: the application rejects the message, for its type, version or structure.</summary>
    ApplicationReject,

    /// <summary>CA: the receiving system takes responsibility for the message.</summary>
    CommitAccept,

    /// <summary>CE: the receiving system cannot accept the message for an error.</summary>
    CommitError,

    /// <summary>CR: the receiving system rejects the message, for its type, version or structure.</summary>
    CommitReject,
}

/// <summary>The two letters of the codes.</summary>
public static class Hl7AckCodes
{
    /// <summary>The two letters of a code; empty for <see cref="Hl7AckCode.None"/>.</summary>
    /// <param name="code">The code.</param>
    public static ReadOnlySpan<byte> Letters(this Hl7AckCode code) => code switch
    {
        Hl7AckCode.ApplicationAccept => "AA"u8,
        Hl7AckCode.ApplicationError => "AE"u8,
        Hl7AckCode.ApplicationReject => "AR"u8,
        Hl7AckCode.CommitAccept => "CA"u8,
        Hl7AckCode.CommitError => "CE"u8,
        Hl7AckCode.CommitReject => "CR"u8,
        _ => [],
    };

    /// <summary>Whether the code accepts the message: AA or CA.</summary>
    /// <param name="code">The code.</param>
    public static bool IsAccept(this Hl7AckCode code) => code is Hl7AckCode.ApplicationAccept or Hl7AckCode.CommitAccept;

    /// <summary>Reads the two letters.</summary>
    /// <param name="letters">MSA-1.</param>
    public static Hl7AckCode Read(ReadOnlySpan<byte> letters)
    {
        for (Hl7AckCode code = Hl7AckCode.ApplicationAccept; code <= Hl7AckCode.CommitReject; code++)
        {
            if (letters.SequenceEqual(code.Letters()))
            {
                return code;
            }
        }

        return Hl7AckCode.None;
    }
}
