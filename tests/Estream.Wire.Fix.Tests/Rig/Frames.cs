using System.Globalization;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>Messages as people write them: with | for SOH. Lengths and checksums are made without the product's help.</summary>
internal static class Frames
{
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>Bytes from text, as it stands.</summary>
    public static byte[] Bytes(string text)
    {
        return Encoding.UTF8.GetBytes(text.Replace('|', '\u0001'));
    }

    /// <summary>Text from bytes.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        return Encoding.UTF8.GetString(bytes).Replace('\u0001', '|');
    }

    /// <summary>A whole message of a version, from MsgType to the last field before CheckSum.</summary>
    public static byte[] Message(string beginString, string body)
    {
        return Message(beginString, Bytes(body));
    }

    /// <summary>The same of bytes, in which a | is one and which need be no text.</summary>
    public static byte[] Message(string beginString, byte[] fields)
    {
        byte[] start = [.. Bytes($"8={beginString}|9={fields.Length.ToString(CultureInfo.InvariantCulture)}|"), .. fields];
        return [.. start, .. Bytes($"10={Sum(start).ToString("000", CultureInfo.InvariantCulture)}|")];
    }

    /// <summary>The same in FIX 4.4.</summary>
    public static byte[] Message(string body)
    {
        return Message("FIX.4.4", body);
    }

    /// <summary>The sum of bytes modulo 256, one by one.</summary>
    public static int Sum(ReadOnlySpan<byte> bytes)
    {
        int sum = 0;
        foreach (byte value in bytes)
        {
            sum = (sum + value) % 256;
        }

        return sum;
    }

    /// <summary>The index of a message's fields, with the raw data of FIX 4.4.</summary>
    public static FixFieldIndex Index(ReadOnlySpan<byte> message, int maxFields = 2_048)
    {
        FixFieldIndex index = new(new FixDataTags([90, 93, 95, 348], [91, 89, 96, 349]), maxFields);
        index.Parse(message);
        return index;
    }
}
