using System.Globalization;
using System.Text;

namespace Estream.Fuzz.Fix;

/// <summary>Damages messages deterministically by seed. Half of the damaged messages get a correct length and checksum
/// again.</summary>
internal sealed class FixMutator(int seed)
{
    private const int MaxBytes = 8_192;
    private const byte Soh = 1;

    private static readonly byte[] s_interesting =
        [0x00, Soh, (byte)'=', (byte)'0', (byte)'9', (byte)'-', (byte)'.', (byte)'8', 0x7F, 0xFF];

    private static readonly string[] s_fields =
        ["8=FIX", "10=000", "34=3", "95=99999999", "96=x", "453=2", "448=a", "0=1", "5000=x", "=", "58="];

    private readonly Random _random = new(seed);

    public int Next(int limit)
    {
        return _random.Next(limit);
    }

    /// <summary>Returns a valid message.</summary>
    public byte[] Good()
    {
        return FixSeeds.All[Next(FixSeeds.All.Count)];
    }

    /// <summary>Returns one to five messages, some of them damaged.</summary>
    public byte[] Stream()
    {
        List<byte> bytes = [];
        for (int messages = 1 + Next(5); messages > 0; messages--)
        {
            bytes.AddRange(Next(3) == 0 ? Good() : Bad());
        }

        return [.. bytes.Take(MaxBytes)];
    }

    /// <summary>Returns a message with one to six faults.</summary>
    public byte[] Bad()
    {
        List<byte> bytes = [.. Good()];
        for (int faults = 1 + Next(6); faults > 0; faults--)
        {
            Damage(bytes);
        }

        return Next(2) == 0 ? [.. bytes] : Framed([.. bytes]);
    }

    /// <summary>Returns the body between BodyLength and CheckSum, framed with recomputed values of both.</summary>
    private static byte[] Framed(byte[] message)
    {
        int second = message.AsSpan().IndexOf("\u000135="u8);
        int last = message.AsSpan().LastIndexOf("\u000110="u8);
        if (second < 0 || last <= second)
        {
            return message;
        }

        byte[] body = message[(second + 1)..(last + 1)];
        byte[] start = [.. Encoding.UTF8.GetBytes($"8=FIX.4.4\u00019={body.Length.ToString(CultureInfo.InvariantCulture)}\u0001"), .. body];
        return [.. start, .. FixSeeds.Trailer(start)];
    }

    private void Damage(List<byte> bytes)
    {
        int place = Next(bytes.Count + 1);
        bool isInside = place < bytes.Count;
        switch (Next(8))
        {
            case 0 when isInside:
                bytes[place] ^= (byte)(1 << Next(8));
                break;
            case 1 when isInside:
                bytes[place] = s_interesting[Next(s_interesting.Length)];
                break;
            case 2 when isInside:
                bytes[place] = (byte)Next(256);
                break;
            case 3:
                bytes.Insert(place, s_interesting[Next(s_interesting.Length)]);
                break;
            case 4 when isInside:
                bytes.RemoveRange(place, Math.Min(1 + Next(8), bytes.Count - place));
                break;
            case 5 when bytes.Count < MaxBytes / 2:
                int start = Next(place + 1);
                bytes.InsertRange(place, bytes.GetRange(start, place - start));
                break;
            case 6:
                int behind = bytes.IndexOf(Soh, Math.Min(place, bytes.Count)) + 1;
                bytes.InsertRange(behind, [.. Encoding.UTF8.GetBytes(s_fields[Next(s_fields.Length)]), Soh]);
                break;
            default:
                byte[] other = Good();
                bytes.InsertRange(place, other.AsSpan(0, Next(other.Length + 1)).ToArray());
                break;
        }
    }
}
