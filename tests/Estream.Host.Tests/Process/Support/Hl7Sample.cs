using System.Text;

namespace Estream.Host.Tests.Process;

/// <summary>Messages of a hospital system.</summary>
internal static class Hl7Sample
{
    /// <summary>The family name of each patient, which no file and no page may contain in plaintext.</summary>
    public const string FamilyName = "EVERYWOMAN";

    /// <summary>An admission of a patient.</summary>
    /// <param name="number">The control id, and the number of the patient.</param>
    public static byte[] Admission(int number) => Encoding.UTF8.GetBytes(Text(number));

    /// <summary>The same as text, with CR after each segment.</summary>
    public static string Text(int number) =>
        $"MSH|^~\\&|ADT1|GOOD HEALTH|LAB|FAC|20260101120000||ADT^A01^ADT_A01|{number}|P|2.5.1\r"
        + $"EVN|A01|20260101120000\rPID|1||{number}^^^GH^MR||{FamilyName}^EVE||19620320|F\r"
        + $"PV1|1|I|W^389^1||||||||||||||||{number}\rZPD|local|segment\r";
}
