using System.Net;
using System.Net.Sockets;
using System.Text;
using Estream.Marketplace.Files;
using Estream.Marketplace.Registries;
using Estream.Testing;
using static Estream.Marketplace.Tests.Registries.SampleReleases;

namespace Estream.Marketplace.Tests.Registries;

/// <summary>A registry on a web server that is not trusted.</summary>
public sealed class HttpRegistryTests : IDisposable
{
    private static readonly CancellationToken s_none = CancellationToken.None;

    private readonly TempDirectory _folder = new();
    private readonly StaticServer _server;

    public HttpRegistryTests() => _server = new StaticServer(_folder.Path);

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Registry_is_read_only_and_unknown_components_have_no_releases()
    {
        using HttpRegistry registry = new(_server.Address);
        Assert.Empty(await registry.ListAsync(Card, s_none));
        EstreamRegistryException error =
            await Assert.ThrowsAsync<EstreamRegistryException>(() => registry.PublishAsync(Of(Card, "1.0.0"), s_none).AsTask());
        Assert.Equal(RegistryFault.ReadOnly, error.Fault);
    }

    [Fact]
    public async Task Redirect_is_not_followed()
    {
        bool wasAsked = false;
        using StaticServer elsewhere = new(_folder.Path);
        elsewhere.Instead = (_, _) => Task.FromResult(!(wasAsked = true));
        foreach (int status in new[] { 301, 302, 303, 307, 308 })
        {
            _server.Instead = (context, _) =>
            {
                (context.Response.StatusCode, context.Response.RedirectLocation) = (status, elsewhere.Address.AbsoluteUri);
                return Task.FromResult(true);
            };
            using HttpRegistry registry = new(_server.Address);
            EstreamContentException error =
                await Assert.ThrowsAsync<EstreamContentException>(() => registry.ListAsync(Card, s_none).AsTask());
            Assert.False(error.IsTransient);
        }

        Assert.False(wasAsked);
    }

    [Fact]
    public async Task Endless_answer_is_read_up_to_the_limit()
    {
        long sent = 0;
        _server.Instead = async (context, end) =>
        {
            byte[] block = new byte[64 << 10];
            while (sent < 1L << 30)
            {
                await context.Response.OutputStream.WriteAsync(block, end);
                sent += block.Length;
            }

            return true;
        };
        using HttpFileSource source = new(_server.Address);
        EstreamContentException error =
            await Assert.ThrowsAsync<EstreamContentException>(() => source.ReadAsync("names.json", 100_000, s_none).AsTask());
        Assert.Contains("100000", error.Message, StringComparison.Ordinal);
        Assert.True(Volatile.Read(ref sent) < 1L << 30);
    }

    [Fact]
    public async Task Answer_that_does_not_arrive_times_out()
    {
        _server.Instead = async (_, end) =>
        {
            TaskCompletionSource over = new();
            using CancellationTokenRegistration waits = end.Register(over.SetResult);
            await over.Task;
            return true;
        };
        using HttpFileSource source = new(_server.Address, TimeSpan.FromMilliseconds(200));
        EstreamContentException error = await Assert.ThrowsAsync<EstreamContentException>(() =>
            source.ReadAsync("names.json", 10, s_none).AsTask().WaitAsync(ChildProcess.DefaultLimit));
        Assert.True(error.IsTransient);
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(403, false)]
    public async Task Server_error_is_not_an_empty_registry(int status, bool isTransient)
    {
        _server.Instead = (context, _) =>
        {
            context.Response.StatusCode = status;
            return Task.FromResult(true);
        };
        using HttpRegistry registry = new(_server.Address);
        EstreamContentException error = await Assert.ThrowsAsync<EstreamContentException>(() => registry.ListAsync(Card, s_none).AsTask());
        Assert.Equal(isTransient, error.IsTransient);
    }

    [Theory]
    [InlineData("403")]
    [InlineData("503")]
    public async Task Reason_phrase_of_the_server_is_not_in_messages(string status)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task answering = AnswerAsync(listener, $"HTTP/1.1 {status} \u001B[2JAll is well\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        using HttpFileSource source = new(new Uri($"http://{listener.LocalEndpoint}/"));
        EstreamContentException error =
            await Assert.ThrowsAsync<EstreamContentException>(() => source.ReadAsync("names.json", 10, s_none).AsTask());
        await answering;
        Assert.Contains(status, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("All is well", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    private static async Task AnswerAsync(TcpListener listener, string answer)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        using StreamReader request = new(client.GetStream(), Encoding.ASCII, leaveOpen: true);
        while (await request.ReadLineAsync() is { Length: > 0 })
        {
        }

        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(answer));
    }

    [Fact]
    public async Task Answer_with_an_unrequested_encoding_is_refused()
    {
        _server.Instead = (context, _) =>
        {
            context.Response.Headers[HttpResponseHeader.ContentEncoding] = "gzip";
            return Task.FromResult(true);
        };
        using HttpRegistry registry = new(_server.Address);
        await Assert.ThrowsAsync<EstreamContentException>(() => registry.ListAsync(Card, s_none).AsTask());
    }

    [Theory]
    [InlineData("ftp://example.org/")]
    [InlineData("file:///etc/")]
    [InlineData("https://user:password@example.org/")]
    [InlineData("https://example.org/?x=1")]
    public void Constructor_throws_for_an_address_with_secrets_or_another_scheme(string address)
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new HttpRegistry(new Uri(address)));
        Assert.DoesNotContain("password", error.Message, StringComparison.Ordinal);
    }
}
