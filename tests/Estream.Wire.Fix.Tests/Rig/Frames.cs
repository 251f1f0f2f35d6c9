using System.Globalization;
using System.Text;
using Estream.Wire.Fix.Codec;

namespace Estream.Wire.Fix.Tests.Rig;

/// <summary>Messages in readable form, with | for SOH. Lengths and checksums are computed without the product.</summary>
internal static class Frames
{
    public const int MaxMessageBytes = 64 * 1024;

    /// <summary>Bytes of a text, unchanged except for SOH.</summary>
    public static byte[] Bytes(string text)
    {
        return Encoding.UTF8.GetBytes(text.Replace('|', '\u0001'));
    }

    /// <summary>Text of bytes.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        return Encoding.UTF8.GetString(bytes).Replace('\u0001', '|');
    }

    /// <summary>A complete message of a version, from its fields between MsgType and CheckSum.</summary>
    public static byte[] Message(string beginString, string body)
    {
        return Message(beginString, Bytes(body));
    }

    /// <summary>A complete message from bytes, in which | is unchanged and which need not be text.</summary>
    public static byte[] Message(string beginString, byte[] fields)
    {
        byte[] start = [.. Bytes($"8={beginString}|9={fields.Length.ToString(CultureInfo.InvariantCulture)}|"), .. fields];
        return [.. start, .. Bytes($"10={Sum(start).ToString("000", CultureInfo.InvariantCulture)}|")];
    }

    /// <summary>A complete message in FIX 4.4.</summary>
    public static byte[] Message(string body)
    {
        return Message("FIX.4.4", body);
    }

    /// <summary>The sum of bytes modulo 256, computed byte by byte.</summary>
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
