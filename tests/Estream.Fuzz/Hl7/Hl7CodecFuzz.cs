using Estream.Testing;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Codec;

namespace Estream.Fuzz.Hl7;

/// <summary>The HL7 codec on damaged messages: no exception, no endless loop, and views inside the message.</summary>
public sealed class Hl7CodecFuzz
{
    private static readonly byte[][] s_seeds =
    [
        @"MSH|^~\&|A|B|C|D|20260101||ADT^A01^ADT_A01|1|P|2.5.1||||||8859/1"u8.ToArray(),
        [.. @"MSH|^~\&|A|B|C|D|20260101||ORU^R01|2|P|2.3|||AL|ER"u8, (byte)'\r',
            .. @"PID|1||567^^^GH&1.2&ISO^MR~568||A\T\B^C||19620320|F"u8, (byte)'\r', .. @"OBX|1|SN|1^x^LN||<^1.5|mg\X20\dl"u8],
        [.. @"FHS|^~\&"u8, (byte)'\r', .. @"BHS|^~\&"u8, (byte)'\r',
            .. @"MSH|^~\&|A"u8, (byte)'\r', .. "BTS|1"u8, (byte)'\r', .. "FTS|1"u8],
    ];

    private readonly Hl7Parser _parser = new(new Hl7Limits { MaxMessageBytes = 4_096, MaxSegments = 64, MaxFields = 512 });
    private readonly Hl7Text _text = new();

    [Property(2_000, 5_000_000)]
    public void Messages_and_their_acknowledgements_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(seed, place, value, noise);
        if (_parser.Parse(bytes, out Hl7Message message) != Hl7Status.Ok)
        {
            return;
        }

        _text.TryBegin(message);
        for (int i = 0; i < message.SegmentCount; i++)
        {
            for (int field = 1; field <= message[i].FieldCount; field++)
            {
                foreach (Hl7Field one in message[i][field].Repetitions)
                {
                    Assert.True(_text.Read(one.SubComponent(2, 2)).Length <= 3 * (one.Bytes.Length + 1));
                }
            }
        }

        new Hl7AckWriter("F").Write(message, Hl7Outcome.Error(207, "x"), DateTimeOffset.UnixEpoch, ack =>
            Assert.Equal(Hl7Status.Ok, new Hl7Parser().Parse(ack, out _)));
    }

    [Property(2_000, 5_000_000)]
    public void Batches_never_throw_and_end(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(seed, place, value, noise);
        Hl7BatchReader reader = new(bytes);
        int total = 0;
        while (reader.TryRead(out ReadOnlySpan<byte> message))
        {
            total += message.Length;
        }

        Assert.True(total <= bytes.Length);
    }

    private static byte[] Damage(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = [.. s_seeds[seed % s_seeds.Length]];
        int at = (int)((uint)place % (uint)bytes.Length);
        bytes[at] = value;
        return (place & 3) switch
        {
            0 => [.. bytes, .. noise],
            1 => bytes[..at],
            2 => [.. bytes[..at], .. noise, .. bytes[at..]],
            _ => bytes,
        };
    }
}
