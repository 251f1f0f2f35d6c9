using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Crypto;
using Estream.Host.Http;
using Estream.Host.Remote;

namespace Estream.Host.Tests.Remote;

/// <summary>A client with the role admin that reaches a server through memory, and sends one request at a time.</summary>
internal sealed class PipedClient : IAsyncDisposable
{
    private const int KeepAliveSeconds = 60;

    private readonly Pipe _requests = new();
    private readonly Pipe _responses = new();
    private readonly FrameBuilder _frame = new();
    private readonly Task _run;
    private uint _id;

    public PipedClient(RemoteServer server)
    {
        Identity admin = new("test", AccessRole.Admin);
        _run = server.ServeAsync(new Duplex(_requests.Reader, _responses.Writer), new RemotePeer("test", () => admin), static () => { });
    }

    /// <summary>Puts an empty value.</summary>
    public Task<ClientStatus> PutAsync(string map, string key) => SendAsync(
        ClientOp.MapPut, frame => frame.Text(map).Int64(0).Text(key));

    public Task<ClientStatus> GetAsync(string map, string key) => SendAsync(ClientOp.MapGet, frame => frame.Text(map).Text(key));

    public async ValueTask DisposeAsync()
    {
        await _requests.Writer.CompleteAsync();
        await _run;
    }

    private async Task<ClientStatus> SendAsync(ClientOp op, Func<FrameBuilder, FrameBuilder> fill)
    {
        if (_id == 0)
        {
            _ = await SendOneAsync(ClientOp.Hello, frame => frame.UInt32(ClientHello.Magic).UInt16(ClientHello.Version)
                .UInt16(KeepAliveSeconds).Text("").Text("test"));
        }

        return await SendOneAsync(op, fill);
    }

    private async Task<ClientStatus> SendOneAsync(ClientOp op, Func<FrameBuilder, FrameBuilder> fill)
    {
        _requests.Writer.Write(fill(_frame.Begin()).End(op, ++_id));
        await _requests.Writer.FlushAsync();
        while (true)
        {
            ReadResult read = await _responses.Reader.ReadAsync();
            ReadOnlySequence<byte> buffer = read.Buffer;
            FrameResult result = FrameParser.TryRead(ref buffer, 1 << 20, out FrameHeader header, out ReadOnlySequence<byte> payload);
            string text = Encoding.UTF8.GetString(payload);
            _responses.Reader.AdvanceTo(buffer.Start, buffer.End);
            if (result == FrameResult.Complete)
            {
                return header.Id == _id ? header.Status : throw new InvalidOperationException($"{header.Op}: {text}");
            }

            if (read.IsCompleted)
            {
                throw new InvalidOperationException("The host has closed the connection.");
            }
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
