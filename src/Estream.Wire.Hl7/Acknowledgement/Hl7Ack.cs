using System.Globalization;
using System.Text;
using Estream.Wire.Hl7.Codec;

namespace Estream.Wire.Hl7.Acknowledgement;

/// <summary>A received acknowledgement.</summary>
/// <param name="Code">MSA-1.</param>
/// <param name="ControlId">MSA-2: the control id of the acknowledged message.</param>
/// <param name="Text">MSA-3, or ERR-8; may quote the message, so treat as private.</param>
/// <param name="ErrorCode">ERR-3, or the fourth component of ERR-1 before version 2.5; 0 if there is none.</param>
public sealed record Hl7Ack(Hl7AckCode Code, string ControlId, string Text, int ErrorCode)
{
    /// <summary>Reads an acknowledgement.</summary>
    /// <param name="message">A message with an MSA segment.</param>
    /// <returns>Null if the message has no MSA segment.</returns>
    public static Hl7Ack? Read(in Hl7Message message)
    {
        Hl7Segment msa = message.First("MSA"u8);
        if (!msa.Exists)
        {
            return null;
        }

        Hl7Text text = new();
        text.TryBegin(message);
        Hl7Segment err = message.First("ERR"u8);
        ReadOnlySpan<byte> code = err[3].IsEmpty ? err[1].Component(4) : err[3].Component(1);
        string words = Encoding.UTF8.GetString(text.Read(msa[3].IsEmpty ? err[8].Bytes : msa[3].Bytes));
        return new Hl7Ack(
            Hl7AckCodes.Read(msa[1].Bytes),
            Encoding.UTF8.GetString(text.Read(msa[2].Bytes)),
            words,
            int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0);
    }
}
