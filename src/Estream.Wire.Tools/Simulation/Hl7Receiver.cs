using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Transport;

namespace Estream.Wire.Tools.Simulation;

/// <summary>A simulated hospital system that receives HL7 v2 messages by MLLP and acknowledges each.</summary>
/// <param name="clock">The clock of the acknowledgements.</param>
/// <param name="received">Called for each message, one at a time.</param>
internal sealed class Hl7Receiver(IClock clock, Action<Hl7Received> received)
{
    private readonly Lock _lock = new();

    /// <summary>Serves a connection until it ends.</summary>
    public async Task ServeAsync(NetworkStream stream, CancellationToken cancellation)
    {
        using MllpBuffer buffer = new(Hl7Limits.Default.MaxMessageBytes);
        Hl7AckWriter acknowledgements = new("SIM");
        while (true)
        {
            MllpStatus status = buffer.TryTake(out ReadOnlyMemory<byte> message);
            if (status == MllpStatus.Frame)
            {
                await stream.WriteAsync(Answer(message.Span, acknowledgements), cancellation).ConfigureAwait(false);
                continue;
            }

            int count = status == MllpStatus.Incomplete ? await stream.ReadAsync(buffer.Space(), cancellation).ConfigureAwait(false) : 0;
            if (count == 0)
            {
                return;
            }

            buffer.Add(count);
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> bytes, Hl7AckWriter acknowledgements)
    {
        using MemoryStream frames = new();
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(clock.UtcNanos / 1_000_000);
        Hl7Status status = new Hl7Parser(Hl7Limits.Default).Parse(bytes, out Hl7Message message);
        if (status == Hl7Status.Ok)
        {
            acknowledgements.Write(message, Hl7Outcome.Accepted, now, Frame);
            Tell(Encoding.UTF8.GetString(message.Header[9].Bytes), Encoding.UTF8.GetString(message.Header[10].Bytes), "AA");
        }
        else
        {
            acknowledgements.WriteUnparsed(Hl7Outcome.Rejected(100, status.Describe()), now, Frame);
            Tell("?", "?", "AR");
        }

        return frames.ToArray();

        void Frame(ReadOnlySpan<byte> acknowledgement)
        {
            frames.WriteByte(MllpBuffer.Start);
            frames.Write(acknowledgement);
            frames.Write([MllpBuffer.End, (byte)'\r']);
        }
    }

    private void Tell(string type, string controlId, string code)
    {
        lock (_lock)
        {
            received(new Hl7Received(type, controlId, code));
        }
    }
}

/// <summary>A message that a simulated system received.</summary>
/// <param name="Type">MSH-9; ? if the message is not valid.</param>
/// <param name="ControlId">MSH-10; ? if the message is not valid.</param>
/// <param name="Code">The code of the acknowledgement.</param>
internal sealed record Hl7Received(string Type, string ControlId, string Code);
