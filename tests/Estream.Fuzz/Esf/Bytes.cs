namespace Estream.Fuzz.Esf;

/// <summary>Damages bytes as transports, disks and people do: flips, cuts, repeats and boundary values.</summary>
internal sealed class Bytes(int seed)
{
    private const int MaxSteps = 6;

    private static readonly byte[] s_edges =
        [0x00, 0x01, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'{', (byte)'}', (byte)'\\', (byte)'\n', (byte)'-'];

    private readonly Random _random = new(seed);

    /// <summary>Returns a damaged copy of one of the seeds, never longer than twice the longest.</summary>
    public byte[] Damaged(IReadOnlyList<byte[]> seeds)
    {
        List<byte> bytes = [.. seeds[_random.Next(seeds.Count)]];
        int steps = _random.Next(1, MaxSteps);
        for (int step = 0; step < steps && bytes.Count > 0; step++)
        {
            Damage(bytes);
        }

        return [.. bytes];
    }

    private void Damage(List<byte> bytes)
    {
        int at = _random.Next(bytes.Count);
        switch (_random.Next(6))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1:
                bytes[at] = s_edges[_random.Next(s_edges.Length)];
                break;
            case 2:
                bytes.RemoveRange(at, _random.Next(bytes.Count - at) + 1);
                break;
            case 3:
                bytes.InsertRange(_random.Next(bytes.Count), bytes.GetRange(at, _random.Next(Math.Min(bytes.Count - at, 64))));
                break;
            case 4:
                bytes.Insert(at, s_edges[_random.Next(s_edges.Length)]);
                break;
            default:
                int other = _random.Next(bytes.Count);
                (bytes[at], bytes[other]) = (bytes[other], bytes[at]);
                break;
        }
    }
}
