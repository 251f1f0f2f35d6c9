using Estream.Testing;
using Estream.Wire.Dnp3;
using Estream.Wire.Dnp3.Codec;

namespace Estream.Fuzz.Dnp3;

/// <summary>The codec on arbitrary octets: no exception, no read outside of the octets, and results within the limits.</summary>
public sealed class Dnp3CodecFuzz
{
    private static readonly byte[][] s_objects =
    [
        .. new[]
        {
            "010100000305", "0202170103810068E5CF8B01", "330107010068E5CF8B01020317010301E803", "030100000224",
            "0C011701030301640000006400000000", "160517010701050000000068E5CF8B01", "1E05000000010000C03F",
            "2007170105010000C03F0068E5CF8B01", "3C02063C03063C04063C0106",
            "6E0400010141424344", "46055B01040001020304", "500100070700", "320107010068E5CF8B01", "340207010A00",
        }.Select(Convert.FromHexString),
    ];

    [Property(2_000, 3_400_000)]
    public void Objects_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(s_objects[seed % s_objects.Length], place, value, noise);
        MeasurementReader reader = new(bytes, isSynchronized: true);
        int count = 0;
        while (reader.MoveNext())
        {
            Assert.InRange(reader.Current.Kind, Dnp3PointKind.BinaryInput, Dnp3PointKind.AnalogOutput);
            count++;
        }

        // A packed binary input is the smallest measurement.
        Assert.InRange(count, 0, 8 * bytes.Length);
        ObjectReader request = new(bytes, hasData: false);
        while (request.MoveNext())
        {
            Assert.True(request.Data.Length <= bytes.Length);
        }
    }

    [Property(2_000, 3_400_000)]
    public void A_command_that_is_read_is_written_back_unchanged(int place, byte value, byte[] noise)
    {
        byte[] bytes = Damage(s_objects[4], place, value, noise);
        if (CommandObject.TryRead(bytes, out CommandObject command))
        {
            byte[] written = new byte[32];
            int length = command.Write(written);
            Assert.True(CommandObject.TryRead(written.AsSpan(0, length), out CommandObject again));
            Assert.Equal(command, again);
        }

        RequestWriter.ReadDelay(bytes);
    }

    [Property(2_000, 3_400_000)]
    public void Frames_and_segments_never_throw(byte seed, int place, byte value, byte[] noise)
    {
        byte[] frame = new byte[LinkFrame.MaxBytes];
        byte[] user = new byte[LinkFrame.MaxUserBytes];
        int length = LinkFrame.Write(
            new LinkHeader(LinkFunction.UnconfirmedUserData, false, false, 1, 10), [0xC0, 0xC0, 129, 0, 0, .. s_objects[seed % 14]], frame);
        byte[] bytes = Damage(frame[..length], place, value, noise);
        TransportAssembler assembler = new(ApplicationHeader.MaxFragmentBytes);
        while (bytes.Length > 0)
        {
            LinkFrameStatus status = LinkFrame.TryRead(bytes, user, out _, out int count, out int consumed);
            if (status == LinkFrameStatus.Incomplete)
            {
                break;
            }

            Assert.InRange(consumed, 1, bytes.Length);
            Assert.InRange(count, 0, LinkFrame.MaxUserBytes);
            if (status == LinkFrameStatus.Ok && assembler.Add(user.AsSpan(0, count)) == SegmentStatus.Complete)
            {
                ApplicationHeader.TryRead(assembler.Fragment.Span, out _);
            }

            bytes = bytes[consumed..];
        }
    }

    private static byte[] Damage(byte[] seed, int place, byte value, byte[] noise)
    {
        byte[] bytes = [.. seed];
        int at = (int)((uint)place % (uint)bytes.Length);
        bytes[at] = value;
        return (place & 3) switch
        {
            0 => [.. bytes, .. noise],
            1 => bytes[..at],
            2 => noise,
            _ => bytes,
        };
    }
}
