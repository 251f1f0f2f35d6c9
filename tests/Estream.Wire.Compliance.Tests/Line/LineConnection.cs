using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;

namespace Estream.Wire.Compliance.Tests.Line;

/// <summary>A connection of a line adapter: reads a line, stores the message, acknowledges it, and reads the next line.</summary>
internal sealed class LineConnection : IDisposable
{
    private const int MaxLineBytes = 64 * 1024;
    private const int HeldBack = 7;
    private const int AcknowledgedTogether = 64;

    private static readonly TimeSpan s_retry = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_linger = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly LineCore _core;
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private readonly IngressWriter _ingress;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly List<LineMessage> _held = [];
    private readonly List<int> _unanswered = [];
    private bool _isIn;
    private volatile bool _isBlocked;
    private long _lastHeard;

    public LineConnection(LineCore core, Socket socket)
    {
        _core = core;
        socket.NoDelay = true;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(_stream);
        _ingress = core.CreateWriter();
        _isIn = core.Options.Dials;
    }

    private LineFault Fault => _core.Fault;

    public Task LoginAsync()
    {
        return WriteAsync($"LOGIN {_core.Secret}\n");
    }

    public Task EmitAsync(EgressMessage message)
    {
        return WriteAsync(
            $"EMIT {Encoding.UTF8.GetString(message.Topic.WrittenSpan)} {Encoding.UTF8.GetString(message.Payload.WrittenSpan)}\n");
    }

    public async Task RunAsync(CancellationToken closing)
    {
        Volatile.Write(ref _lastHeard, _core.Clock.MonotonicNanos);
        Task looking = LookAsync();
        try
        {
            await ReadAsync(closing);
        }
        finally
        {
            await _ended.CancelAsync();
            await looking;
            _ingress.Dispose();
        }
    }

    /// <summary>Cuts the connection. Thread-safe.</summary>
    public void Dispose()
    {
        _stream.Dispose();
    }

    private async Task ReadAsync(CancellationToken closing)
    {
        while (true)
        {
            ReadResult result = await _reader.ReadAsync(closing);
            Volatile.Write(ref _lastHeard, _core.Clock.MonotonicNanos);
            ReadOnlySequence<byte> rest = result.Buffer;
            while (TryTakeLine(ref rest, out string? line))
            {
                await HandleAsync(line, closing);
            }

            bool isTooLong = rest.Length > MaxLineBytes;
            _reader.AdvanceTo(rest.Start, rest.End);
            if (isTooLong)
            {
                throw new FormatException($"a line is longer than {MaxLineBytes} bytes");
            }

            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private bool TryTakeLine(ref ReadOnlySequence<byte> rest, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? line)
    {
        line = null;
        SequencePosition? end = rest.PositionOf((byte)10);
        if (end is null && (Fault != LineFault.TakesReadsForLines || rest.IsEmpty))
        {
            return false;
        }

        line = Encoding.UTF8.GetString(end is null ? rest : rest.Slice(0, end.Value));
        rest = end is null ? rest.Slice(rest.End) : rest.Slice(rest.GetPosition(1, end.Value));
        return true;
    }

    private Task HandleAsync(string line, CancellationToken closing)
    {
        string[] words = line.Split((char)32, 4);
        if (words is ["PING"])
        {
            return Task.CompletedTask;
        }

        if (words is ["LOGIN", var secret] && !_isIn)
        {
            _isIn = secret == _core.Secret ? true : throw new FormatException("the secret is wrong");
            return Task.CompletedTask;
        }

        return words is ["SEND", var number, var topic, var payload] && _isIn
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value)
            ? TakeAsync(new LineMessage(value, Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload)), closing)
            : throw new FormatException("a line is none of LOGIN, PING and SEND");
    }

    /// <summary>Processes a message, in an order that depends on the fault.</summary>
    private async Task TakeAsync(LineMessage message, CancellationToken closing)
    {
        if (Fault is not (LineFault.AcknowledgesFirst or LineFault.SwapsNeighbours))
        {
            await StoreAsync(message, closing);
            return;
        }

        _held.Add(message);
        if (Fault == LineFault.AcknowledgesFirst)
        {
            await WriteAsync($"ACK {message.Number}\n");
        }

        if (_held.Count == (Fault == LineFault.SwapsNeighbours ? 2 : HeldBack))
        {
            LineMessage[] all = [.. Fault == LineFault.SwapsNeighbours ? _held.AsEnumerable().Reverse() : _held];
            _held.Clear();
            foreach (LineMessage one in all)
            {
                await StoreAsync(one, closing);
            }
        }
    }

    private async Task StoreAsync(LineMessage message, CancellationToken closing)
    {
        bool isUnfit = Fault is LineFault.DropsUnfit or LineFault.IgnoresBlockedLetters && !Fits(message);
        IngressStatus status = isUnfit && Fault == LineFault.DropsUnfit ? IngressStatus.DeadLettered : Append(message);
        while (status == IngressStatus.Blocked)
        {
            if (!_isBlocked)
            {
                _isBlocked = true;
                _core.Tell(AdapterEventKind.StorageBlocked, $"Reading from a peer is paused: {_ingress.Failure?.Message}");
            }

            if (Fault is LineFault.ReadsWhileBlocked or LineFault.DropsWhileBlocked)
            {
                return;
            }

            if (Fault == LineFault.IgnoresBlockedLetters && isUnfit)
            {
                break;
            }

            if (closing.IsCancellationRequested && Fault == LineFault.AcknowledgesWhenStopped)
            {
                await WriteAsync($"ACK {message.Number}\n");
                await DrainAsync();
                return;
            }

            await Task.Delay(s_retry, Fault == LineFault.AcknowledgesWhenStopped ? CancellationToken.None : closing);
            status = Append(message);
        }

        if (_isBlocked)
        {
            Volatile.Write(ref _lastHeard, _core.Clock.MonotonicNanos);
            _isBlocked = false;
            _core.Tell(AdapterEventKind.StorageRecovered, "Reading from the peer has resumed.");
        }

        _core.CountMessage(message.Payload.Length, status is IngressStatus.DeadLettered or IngressStatus.NotMapped);
        await AcknowledgeAsync(message.Number);
    }

    // Closing a connection with unread data aborts it, and the peer may not receive the last bytes sent.
    private async Task DrainAsync()
    {
        _stream.Socket.Shutdown(SocketShutdown.Send);
        byte[] rest = new byte[MaxLineBytes];
        using CancellationTokenSource limit = new(s_linger);
        try
        {
            while (await _stream.ReadAsync(rest, limit.Token) > 0)
            {
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException)
        {
            // The peer has sent everything, or has disconnected.
        }
    }

    private async Task AcknowledgeAsync(int number)
    {
        _unanswered.Add(number);
        if (Fault != LineFault.AcknowledgesLate || _unanswered.Count == AcknowledgedTogether)
        {
            string answers = string.Concat(_unanswered.Select(one => $"ACK {one}\n"));
            _unanswered.Clear();
            await WriteAsync(answers);
        }
    }

    private IngressStatus Append(LineMessage message)
    {
        IngressStatus status = _ingress.Append(new WireMessage(message.Topic, message.Payload));
        _ingress.Release();
        return status;
    }

    private bool Fits(LineMessage message)
    {
        return _ingress.Translate(new WireMessage(message.Topic, message.Payload), new byte[MaxLineBytes], out _).IsOk;
    }

    private async Task WriteAsync(string text)
    {
        await _writing.WaitAsync();
        try
        {
            await _stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Closes the connection of a silent peer. While the adapter does not read, the peer does not count as silent.</summary>
    private async Task LookAsync()
    {
        while (!_ended.IsCancellationRequested)
        {
            await Task.Delay(s_look, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            long silent = _core.Clock.MonotonicNanos - Volatile.Read(ref _lastHeard);
            if (!_isBlocked && silent > _core.Options.Silence.TotalNanoseconds && Fault != LineFault.NeverLooks)
            {
                Dispose();
                return;
            }
        }
    }

    private sealed record LineMessage(int Number, byte[] Topic, byte[] Payload);
}
