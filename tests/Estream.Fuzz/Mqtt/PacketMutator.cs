namespace Estream.Fuzz.Mqtt;

/// <summary>Damages packets deterministically by seed.</summary>
internal sealed class PacketMutator(int seed)
{
    private const int MaxBytes = 8_192;

    private static readonly byte[] s_interesting = [0x00, 0x01, 0x7F, 0x80, 0xFF, 0x23, 0x2B, 0x2F, 0xC0, 0xED, 0xF4];

    private readonly Random _random = new(seed);

    public int Next(int limit)
    {
        return _random.Next(limit);
    }

    /// <summary>Returns a valid packet.</summary>
    public byte[] Good()
    {
        return MqttSeeds.All[Next(MqttSeeds.All.Count)];
    }

    /// <summary>Returns one to five packets, some of them damaged.</summary>
    public byte[] Stream()
    {
        List<byte> bytes = [];
        for (int packets = 1 + Next(5); packets > 0; packets--)
        {
            bytes.AddRange(Next(3) == 0 ? Good() : Bad());
        }

        return [.. bytes.Take(MaxBytes)];
    }

    /// <summary>Returns a packet with one to six faults.</summary>
    public byte[] Bad()
    {
        List<byte> bytes = [.. Good()];
        for (int faults = 1 + Next(6); faults > 0; faults--)
        {
            Damage(bytes);
        }

        return [.. bytes];
    }

    private void Damage(List<byte> bytes)
    {
        int place = Next(bytes.Count + 1);
        bool isInside = place < bytes.Count;
        switch (Next(7))
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
            default:
                byte[] other = Good();
                bytes.InsertRange(place, other.AsSpan(0, Next(other.Length + 1)).ToArray());
                break;
        }
    }
}
