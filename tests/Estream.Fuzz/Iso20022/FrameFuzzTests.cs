using System.Buffers.Binary;
using System.Text;
using Estream.Testing;
using Estream.Wire.Iso20022.Connections;

namespace Estream.Fuzz.Iso20022;

/// <summary>Frames and answers of a hostile peer: no exception, no message beyond the limit, and the same messages however the bytes are
/// split.</summary>
public sealed class FrameFuzzTests
{
    private const int MaxMessageBytes = 300;

    private static readonly byte[][] s_answers =
    [
        "ACK"u8.ToArray(), "NAK"u8.ToArray(), "NAK closed"u8.ToArray(),
        Encoding.UTF8.GetBytes("""
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:admi.002.001.01"><admi.002.001.01><RltdRef><Ref>M-1</Ref></RltdRef><Rsn><RjctgPtyRsn>SYS</RjctgPtyRsn><RsnDesc>no</RsnDesc></Rsn></admi.002.001.01></Document>
            """),
        "<Document><GrpHdr><MsgId>M-1</MsgId></GrpHdr></Document>"u8.ToArray(),
    ];

    [Property(2_000, 2_000_000)]
    public void Frames_are_the_same_however_the_bytes_arrive(byte[] noise, int seed)
    {
        Random random = new(seed);
        byte[] bytes = [.. Frame(noise), .. Frame(s_answers[3]), .. noise, .. Frame(noise)];
        List<byte[]> whole = Split(bytes, bytes.Length, random);
        Assert.Equal(whole, Split(bytes, 7, random));
        Assert.Equal(whole, Split(bytes, 1, random));
        Assert.All(whole, message => Assert.InRange(message.Length, 1, MaxMessageBytes));
    }

    [Property(2_000, 2_000_000)]
    public void Answers_never_throw(byte kind, int place, byte value, byte[] noise)
    {
        byte[] answer = [.. s_answers[kind % s_answers.Length]];
        int at = (int)((uint)place % (uint)answer.Length);
        answer[at] = value;
        byte[] frame = (place & 1) == 0 ? [.. answer[..at], .. noise, .. answer[at..]] : answer;
        if (PeerAnswer.IsAcknowledgement(frame))
        {
            Assert.True(PeerAnswer.ReadAcknowledgement(frame).Text.Length <= 350);
        }

        Assert.True(PeerAnswer.ReadReject(frame) is null or { Text.Length: <= 350 });
        byte[] id = new byte[MessageIds.MaxBytes];
        int length = MessageIds.Find(frame, id);
        Assert.InRange(length, 0, 35);
        Assert.DoesNotContain(id[..length], one => one is < (byte)' ' or > (byte)'~' or (byte)'<' or (byte)'&');
    }

    private static byte[] Frame(byte[] message)
    {
        byte[] frame = new byte[4 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, message.Length);
        message.CopyTo(frame, 4);
        return frame;
    }

    private static List<byte[]> Split(byte[] bytes, int maxPiece, Random random)
    {
        List<byte[]> messages = [];
        using FrameBuffer buffer = new(MaxMessageBytes);
        for (int at = 0; at < bytes.Length && buffer.Next is FrameStatus.Incomplete;)
        {
            Memory<byte> space = buffer.Space();
            int count = Math.Min(Math.Min(space.Length, bytes.Length - at), 1 + random.Next(maxPiece));
            Assert.True(count > 0);
            bytes.AsSpan(at, count).CopyTo(space.Span);
            buffer.Add(count);
            at += count;
            while (buffer.Next == FrameStatus.Frame)
            {
                messages.Add(buffer.Take().ToArray());
            }
        }

        return messages;
    }
}
