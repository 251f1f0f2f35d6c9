using System.Text;

namespace Estream.Esf.Tests.Generation;

/// <summary>Valid bytes with random changes, as an attacker might send them.</summary>
public static class Damage
{
    private static readonly string[] s_dictionary =
        ["\0\0\0\0", "\u00ff\u00ff\u00ff\u00ff", "\u00ff\u00ff\u00ff\u007f", "\u0001\0\0\0", "{", "}", "[", "]", "\"", "\\u", "null", "-",
            "1e999", "\u00c0\u0080", ","];

    /// <summary>Makes one to four changes: a flipped bit, a changed byte, a known problematic sequence, a truncation, a repeated part. The
    /// first bytes can be spared, so that a damaged header does not hide damage after it.</summary>
    public static byte[] Of(Random random, byte[] original, int spare)
    {
        List<byte> bytes = [.. original];
        int from = random.Next(8) == 0 ? 0 : spare;
        for (int change = random.Next(1, 5); change > 0 && bytes.Count > from; change--)
        {
            int at = random.Next(from, bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    byte[] piece = Encoding.Latin1.GetBytes(s_dictionary[random.Next(s_dictionary.Length)]);
                    for (int i = 0; i < piece.Length && at + i < bytes.Count; i++)
                    {
                        bytes[at + i] = piece[i];
                    }

                    break;
                case 3:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 9), bytes.Count - at)));
                    break;
            }
        }

        return [.. bytes];
    }
}
