using System.Text;

namespace Estream.Wire.Hl7.Acknowledgement;

/// <summary>Decides what becomes of a message that the receiver does not accept.</summary>
internal static class Hl7AckPolicy
{
    // HL7 table 0357.
    private const int RecordLocked = 206;
    private const int InternalError = 207;

    /// <summary>The status of a message with a negative acknowledgement. Contains no text of the receiver, which may quote the
    /// message.</summary>
    /// <param name="ack">The acknowledgement.</param>
    public static EmitStatus ToStatus(Hl7Ack ack)
    {
        string code = ack.Code == Hl7AckCode.None ? "an unknown code" : Encoding.ASCII.GetString(ack.Code.Letters());
        string detail = ack.ErrorCode == 0
            ? $"the receiver answered with {code}"
            : $"the receiver answered with {code}, error {ack.ErrorCode} of HL7 table 0357";
        return new EmitStatus(IsTemporary(ack) ? EmitCode.Deferred : EmitCode.Refused, detail);
    }

    private static bool IsTemporary(Hl7Ack ack) => ack.Code switch
    {
        Hl7AckCode.ApplicationError or Hl7AckCode.CommitError => ack.ErrorCode == RecordLocked,
        _ => ack.ErrorCode is 0 or RecordLocked or InternalError,
    };
}
