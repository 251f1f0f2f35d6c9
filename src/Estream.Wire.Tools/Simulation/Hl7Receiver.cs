using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Core;
using Estream.Wire.Hl7.Acknowledgement;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Transport;

namespace Estream.Wire.Tools.Simulation;

/// <summary>A simulated hospital system that receives HL7 v2 messages by MLLP on the loopback interface and acknowledges each.</summary>
internal sealed class Hl7Receiver : IDisposable
{
    private const int MaxConnections = 100;

    private readonly TcpListener _listener;
    private readonly IClock _clock;
    private readonly Action<Hl7Received> _received;
    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _places = new(MaxConnections);

    /// <summary>Opens the port.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="clock">The clock of the acknowledgements.</param>
    /// <param name="received">Called for each message, one at a time.</param>
    /// <exception cref="WireToolException">The port is in use.</exception>
    public Hl7Receiver(int port, IClock clock, Action<Hl7Received> received)
    {
        _clock = clock;
        _received = received;
        _listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            _listener.Start();
        }
        catch (SocketException failure)
        {
            throw new WireToolException($"Cannot listen on 127.0.0.1:{port} ({failure.Message}). Name another port with --port.");
        }
    }

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Receives until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                await _places.WaitAsync(cancellation).ConfigureAwait(false);
                Socket socket = await _listener.AcceptSocketAsync(cancellation).ConfigureAwait(false);
                connections.RemoveAll(task => task.IsCompleted);
                connections.Add(ServeAsync(socket, cancellation));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _places.Dispose();
    }

    private async Task ServeAsync(Socket socket, CancellationToken cancellation)
    {
        try
        {
            using NetworkStream stream = new(socket, ownsSocket: true);
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
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // The sender is gone, or the simulator ends.
        }
        finally
        {
            _places.Release();
        }
    }

    private byte[] Answer(ReadOnlySpan<byte> bytes, Hl7AckWriter acknowledgements)
    {
        using MemoryStream frames = new();
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(_clock.UtcNanos / 1_000_000);
        Hl7Status status = new Hl7Parser(Hl7Limits.Default).Parse(bytes, out Hl7Message message);
        if (status == Hl7Status.Ok)
        {
            acknowledgements.Write(message, Hl7Outcome.Accepted, now, Frame);
            Tell(Text(message.Header[9].Bytes), Text(message.Header[10].Bytes), "AA");
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
            _received(new Hl7Received(type, controlId, code));
        }
    }

    private static string Text(ReadOnlySpan<byte> field) => Encoding.UTF8.GetString(field);
}

/// <summary>A message that a simulated system received.</summary>
/// <param name="Type">MSH-9; ? if the message is not valid.</param>
/// <param name="ControlId">MSH-10; ? if the message is not valid.</param>
/// <param name="Code">The code of the acknowledgement.</param>
internal sealed record Hl7Received(string Type, string ControlId, string Code);
