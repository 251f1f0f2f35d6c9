using System.Net.Sockets;
using System.Security.Cryptography;
using Estream.Wire.Internal;
using Estream.Wire.OpcUa.Codec;
using Estream.Wire.OpcUa.Services;
using Estream.Wire.OpcUa.Transport;

namespace Estream.Wire.OpcUa.Simulation;

/// <summary>A connection of a client to a simulator: chunks, channel, and Publish requests. Services are in <see
/// cref="SimulatorServices"/>.</summary>
internal sealed class SimulatorConnection(Socket socket, SimulatorState state) : IDisposable
{
    private const int TickMs = 10;
    private const int MaxPublishRequests = 100;
    private const uint TokenLifetimeMs = 3_600_000;

    private readonly SemaphoreSlim _sending = new(1);
    private readonly Queue<(uint RequestId, uint Handle, uint[] Results)> _publish = new();
    private readonly SimulatorServices _services = new(state);
    private readonly CancellationTokenSource _end = new();
    private readonly Stream _stream = LoopStream.Over(socket);
    private readonly byte[] _buffer = new byte[UaLimits.MaxChunkBytes];
    private readonly byte[] _chunk = new byte[UaLimits.MaxChunkBytes];
    private readonly UaWriter _assembled = new();
    private MessageProtector? _protector;
    private int _received;
    private uint _sequence;
    private uint _lastToken;

    public void Drop() => _stream.Dispose();

    public async Task RunAsync()
    {
        if (_stream is LoopStream loop)
        {
            loop.RunsOnLoop = true;
        }

        Task publishing = PublishAsync();
        try
        {
            while (await ReceiveAsync().ConfigureAwait(false) is var length and > 0)
            {
                if (!await OnChunkAsync(length).ConfigureAwait(false))
                {
                    break;
                }

                _buffer.AsSpan(length, _received - length).CopyTo(_buffer);
                _received -= length;
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException or CryptographicException)
        {
            // The client is gone.
        }

        await _stream.DisposeAsync().ConfigureAwait(false);
        await _end.CancelAsync().ConfigureAwait(false);
        await publishing.ConfigureAwait(false);
        Dispose();
    }

    public void Dispose()
    {
        _stream.Dispose();
        _end.Dispose();
        _sending.Dispose();
        _protector?.Dispose();
    }

    /// <returns>The length of a chunk; 0 at the end of the connection, and for an invalid header.</returns>
    private async Task<int> ReceiveAsync()
    {
        while (true)
        {
            int length = _received < ChunkHeader.Bytes ? _buffer.Length : ChunkHeader.Read(_buffer).Length;
            if (length <= ChunkHeader.Bytes || length > _buffer.Length)
            {
                return 0;
            }

            if (_received >= length)
            {
                return length;
            }

            int count = await _stream.ReadAsync(_buffer.AsMemory(_received)).ConfigureAwait(false);
            if (count == 0)
            {
                return 0;
            }

            _received += count;
        }
    }

    /// <returns>False if the connection ends.</returns>
    private async Task<bool> OnChunkAsync(int length)
    {
        ChunkHeader header = ChunkHeader.Read(_buffer);
        switch (header.Kind)
        {
            case ChunkKind.Hello:
                await SendAsync(Acknowledge()).ConfigureAwait(false);
                return true;
            case ChunkKind.Open:
                byte[]? opened = Open(length);
                await SendAsync(opened ?? []).ConfigureAwait(false);
                return opened is not null;
            case ChunkKind.Message when _protector is not null && length >= MessageProtector.PrefixBytes + 8:
                return await OnMessageAsync(header, length).ConfigureAwait(false);
            default:
                return false;
        }
    }

    private static byte[] Acknowledge()
    {
        UaWriter writer = new();
        writer.Advance(ChunkHeader.Bytes);
        writer.UInt32(0);
        writer.UInt32(UaLimits.MaxChunkBytes);
        writer.UInt32(UaLimits.MaxChunkBytes);
        writer.UInt32(UaLimits.MaxMessageBytes);
        writer.UInt32(UaLimits.MaxChunks);
        byte[] chunk = writer.Written.ToArray();
        new ChunkHeader(ChunkKind.Acknowledge, ChunkHeader.IsFinal, chunk.Length).Write(chunk);
        return chunk;
    }

    private byte[]? Open(int length)
    {
        UaReader reader = new(OpenChunk.Open(ChannelSecurity.None, _buffer.AsSpan(0, length)));
        reader.UInt32();
        uint requestId = reader.UInt32();
        uint type = reader.TypeNumber();
        (_, uint handle) = SimulatorServices.ReadHeader(ref reader);
        if (reader.IsFailed || type != TypeNumbers.OpenSecureChannelRequest)
        {
            return null;
        }

        _protector?.Dispose();
        _protector = new MessageProtector(ChannelSecurity.None, 1, ++_lastToken, default, default);
        UaWriter body = SimulatorServices.Begin(TypeNumbers.OpenSecureChannelResponse, handle);
        body.UInt32(0);
        body.UInt32(1);
        body.UInt32(_lastToken);
        body.Time(UaTime.Now);
        body.UInt32(TokenLifetimeMs);
        body.NullArray();
        return OpenChunk.Protect(ChannelSecurity.None, 1, ++_sequence, requestId, body.Written);
    }

    private async Task<bool> OnMessageAsync(ChunkHeader header, int length)
    {
        uint requestId = Assemble(length);
        if (header.Final == ChunkHeader.IsIntermediate)
        {
            return _assembled.Length <= UaLimits.MaxMessageBytes;
        }

        byte[] request = _assembled.Written.ToArray();
        _assembled.Clear();
        if (TryQueuePublish(requestId, request))
        {
            return true;
        }

        await SendMessageAsync(requestId, _services.Answer(request)).ConfigureAwait(false);
        return true;
    }

    private uint Assemble(int length)
    {
        ReadOnlySpan<byte> content = _protector!.Open(_buffer, 0, length);
        UaReader reader = new(content);
        reader.UInt32();
        uint requestId = reader.UInt32();
        _assembled.Raw(reader.Rest);
        return requestId;
    }

    private bool TryQueuePublish(uint requestId, byte[] request)
    {
        UaReader reader = new(request);
        if (reader.TypeNumber() != TypeNumbers.PublishRequest)
        {
            return false;
        }

        (uint session, uint handle) = SimulatorServices.ReadHeader(ref reader);
        if (!state.HasSession(session) || !_services.HasSubscription(session))
        {
            // Answered as any other request: with a fault.
            return false;
        }

        uint[] results = new uint[reader.ArrayLength(8)];
        for (int index = 0; index < results.Length; index++)
        {
            SimulatedSubscription? subscription = state.Subscription(reader.UInt32());
            uint sequence = reader.UInt32();
            lock (state.Gate)
            {
                subscription?.Acknowledge(sequence);
            }
        }

        lock (_publish)
        {
            if (_publish.Count >= MaxPublishRequests)
            {
                return false;
            }

            _publish.Enqueue((requestId, handle, results));
        }

        _services.PublishingSession = session;
        return true;
    }

    /// <summary>Answers Publish requests when subscriptions are due.</summary>
    private async Task PublishAsync()
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(TickMs));
        try
        {
            while (await timer.WaitForNextTickAsync(_end.Token).ConfigureAwait(false))
            {
                foreach (SimulatedSubscription subscription in state.Subscriptions)
                {
                    await PublishAsync(subscription).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The connection has ended.
        }
    }

    private async Task PublishAsync(SimulatedSubscription subscription)
    {
        if (subscription.Session != _services.PublishingSession || state.Faults.IsSilent
            || UaTime.NowMs < subscription.Due)
        {
            return;
        }

        (uint RequestId, uint Handle, uint[] Results) request;
        lock (_publish)
        {
            if (_publish.Count == 0)
            {
                return;
            }

            request = _publish.Peek();
        }

        byte[]? message;
        lock (state.Gate)
        {
            subscription.Due = UaTime.NowMs + subscription.IntervalMs;
            message = subscription.Publish();
        }

        if (message is null || state.Faults.LosesMessages)
        {
            return;
        }

        lock (_publish)
        {
            _publish.Dequeue();
        }

        UaWriter body = SimulatorServices.Begin(TypeNumbers.PublishResponse, request.Handle);
        body.UInt32(subscription.Id);
        body.NullArray();
        body.Boolean(false);
        body.Raw(message);
        body.Int32(request.Results.Length);
        foreach (uint result in request.Results)
        {
            body.UInt32(result);
        }

        body.NullArray();
        await SendMessageAsync(request.RequestId, body).ConfigureAwait(false);
    }

    private async Task SendMessageAsync(uint requestId, UaWriter body)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            byte[] message = body.Written.ToArray();
            int most = _chunk.Length - _protector!.Overhead;
            int offset = 0;
            do
            {
                int part = Math.Min(most, message.Length - offset);
                bool isLast = offset + part == message.Length;
                int length = _protector.Protect(
                    ChunkKind.Message, isLast ? ChunkHeader.IsFinal : ChunkHeader.IsIntermediate, ++_sequence, requestId,
                    message.AsSpan(offset, part), _chunk, 0);
                await _stream.WriteAsync(_chunk.AsMemory(0, length)).ConfigureAwait(false);
                offset += part;
            }
            while (offset < message.Length);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task SendAsync(byte[] chunk)
    {
        await _sending.WaitAsync().ConfigureAwait(false);
        try
        {
            await _stream.WriteAsync(chunk).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }
}
