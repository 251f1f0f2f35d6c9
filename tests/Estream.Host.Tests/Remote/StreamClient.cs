using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Host.Http;
using Estream.Host.Remote;

namespace Estream.Host.Tests.Remote;

/// <summary>A frame that a client received.</summary>
internal sealed record ReceivedFrame(ClientOp Op, ClientStatus Status, byte[] Payload)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The number of messages that the host left out before the lines.</summary>
    public uint Dropped => BinaryPrimitives.ReadUInt32LittleEndian(Payload);

    public JsonElement[] Lines => [.. Encoding.UTF8.GetString(Payload.AsSpan(sizeof(uint)))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement)];
}

/// <summary>A client that writes the frames of stream subscriptions itself.</summary>
internal sealed class StreamClient : IAsyncDisposable
{
    private const int KeepAliveSeconds = 3600;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly PipeWriter _requests;
    private readonly PipeReader _responses;
    private readonly Func<Task> _end;
    private readonly FrameBuilder _frame = new();
    private readonly ConcurrentDictionary<uint, Channel<ReceivedFrame>> _received = new();
    private readonly Task _reading;
    private uint _id;

    private StreamClient(PipeWriter requests, PipeReader responses, Func<Task> end)
    {
        (_requests, _responses, _end) = (requests, responses, end);
        _reading = ReadAsync();
    }

    /// <summary>Connects to a server through memory.</summary>
    public static StreamClient Connect(RemoteServer server, Identity identity)
    {
        (Pipe requests, Pipe responses) = (new Pipe(), new Pipe());
        Task run = server.ServeAsync(
            new Duplex(requests.Reader, responses.Writer), new RemotePeer("test", () => identity), requests.Writer.CancelPendingFlush);
        return new StreamClient(requests.Writer, responses.Reader, async () =>
        {
            await run.WaitAsync(s_limit);
            await responses.Writer.CompleteAsync();
        });
    }

    /// <summary>Connects by WebSocket.</summary>
    public static async Task<StreamClient> ConnectAsync(Uri address)
    {
        ClientWebSocket socket = new();
        await socket.ConnectAsync(address, CancellationToken.None);
        Stream stream = WebSocketStream.Create(socket, WebSocketMessageType.Binary, closeTimeout: s_limit);
        StreamClient client = new(PipeWriter.Create(stream), PipeReader.Create(stream), () =>
        {
            socket.Dispose();
            return Task.CompletedTask;
        });
        await client.GreetAsync();
        return client;
    }

    public async Task GreetAsync()
    {
        uint id = await SendAsync(ClientOp.Hello, frame => frame.UInt32(ClientHello.Magic).UInt16(ClientHello.Version)
            .UInt16(KeepAliveSeconds).Text("").Text("test"));
        Assert.Equal(ClientStatus.Ok, (await NextAsync(id)).Status);
    }

    /// <summary>Sends a request, and returns its id.</summary>
    public async Task<uint> SendAsync(ClientOp op, Func<FrameBuilder, FrameBuilder> fill)
    {
        _requests.Write(fill(_frame.Begin()).End(op, ++_id));
        await _requests.FlushAsync();
        return _id;
    }

    /// <summary>Sends a frame with the id of an earlier request.</summary>
    public async Task GrantAsync(uint id, uint bytes)
    {
        _requests.Write(_frame.Begin().UInt32(bytes).End(ClientOp.Credit, id));
        await _requests.FlushAsync();
    }

    /// <summary>Waits for the next frame with an id.</summary>
    public async Task<ReceivedFrame> NextAsync(uint id) => await Received(id).Reader.ReadAsync().AsTask().WaitAsync(s_limit);

    /// <summary>Returns a frame that was received already; null if there is none.</summary>
    public ReceivedFrame? Peek(uint id) => Received(id).Reader.TryRead(out ReceivedFrame? frame) ? frame : null;

    /// <summary>Requests a subscription, and returns its id and the answer.</summary>
    public async Task<(uint Id, ReceivedFrame Answer)> TrySubscribeAsync(
        string pattern, string component = "", uint perSecond = 1_000, uint credit = 1 << 20)
    {
        uint id = await SendAsync(ClientOp.StreamSubscribe,
            frame => frame.Text(component).Text(pattern).UInt32(perSecond).UInt32(credit));
        return (id, await NextAsync(id));
    }

    /// <summary>Begins a subscription, and returns its id.</summary>
    public async Task<uint> SubscribeAsync(string pattern, string component = "", uint perSecond = 1_000, uint credit = 1 << 20)
    {
        (uint id, ReceivedFrame answer) = await TrySubscribeAsync(pattern, component, perSecond, credit);
        Assert.Equal((ClientOp.StreamSubscribe, ClientStatus.Ok, ""), (answer.Op, answer.Status, answer.Text));
        return id;
    }

    /// <summary>Appends short messages without a schema.</summary>
    public async Task AppendAsync(string queue, int count)
    {
        uint id = await SendAsync(ClientOp.Append, frame =>
        {
            frame.Text(queue).Raw(new byte[16]).Int64(1).UInt32((uint)count);
            for (int i = 0; i < count; i++)
            {
                frame.UInt32(sizeof(int));
            }

            return frame.Raw(new byte[count * sizeof(int)]);
        });
        Assert.Equal(ClientStatus.Ok, (await NextAsync(id)).Status);
    }

    /// <summary>Receives a number of lines.</summary>
    public async Task<List<JsonElement>> TakeAsync(uint id, int count)
    {
        List<JsonElement> lines = [];
        while (lines.Count < count)
        {
            ReceivedFrame frame = await NextAsync(id);
            Assert.True(frame.Status == ClientStatus.Ok, frame.Text);
            lines.AddRange(frame.Lines);
        }

        return lines;
    }

    public async ValueTask DisposeAsync()
    {
        await _requests.CompleteAsync();
        await _end();
        await _reading.WaitAsync(s_limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Channel<ReceivedFrame> Received(uint id) => _received.GetOrAdd(id, static _ => Channel.CreateUnbounded<ReceivedFrame>());

    private async Task ReadAsync()
    {
        while (true)
        {
            ReadResult read = await _responses.ReadAsync();
            ReadOnlySequence<byte> buffer = read.Buffer;
            while (FrameParser.TryRead(ref buffer, 1 << 21, out FrameHeader header, out ReadOnlySequence<byte> payload)
                == FrameResult.Complete)
            {
                Received(header.Id).Writer.TryWrite(new ReceivedFrame(header.Op, header.Status, payload.ToArray()));
            }

            _responses.AdvanceTo(buffer.Start, buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
