using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Testing;

namespace Estream.Cli.Tests.Wire;

/// <summary>The recorder terminates TLS on both sides, so a recording can be read and replayed. Nothing is recorded for a server with a
/// wrong certificate.</summary>
public sealed class WireTlsTests : IDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly X509Certificate2 _server;
    private readonly X509Certificate2 _recorder;

    public WireTlsTests()
    {
        _server = TestCertificates.Write(_folder, "server");
        _recorder = TestCertificates.Write(_folder, "recorder");
    }

    public void Dispose()
    {
        _server.Dispose();
        _recorder.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_TLS_connection_is_recorded_decrypted_and_can_be_replayed(bool isByPin)
    {
        string[] server = isByPin
            ? ["--pin", _server.GetCertHashString(HashAlgorithmName.SHA256)]
            : ["--ca-file", _folder.Combine("server-ca.crt"), "--server-name", "localhost"];
        using LineServer far = new(line => $"got {line}", WithKey());
        using Recording recording = new(far.Port,
            ["--listen-certificate", _folder.Combine("recorder.crt"), "--listen-key", _folder.Combine("recorder.key"), .. server]);
        using (LineClient client = new(recording.Port, _recorder))
        {
            Assert.Equal("got one line", client.Ask("one line"));
            Assert.Equal("got another", client.Ask("another"));
        }

        // Seven chunks: the opening of the connection, two lines, two answers, and an end for each side.
        recording.WaitForChunks(7);
        ProcessResult recorded = recording.Stop();
        Assert.Equal((0, ""), (recorded.ExitCode, recorded.Error));
        Assert.Contains("one line\n", Encoding.Latin1.GetString(recording.Content()), StringComparison.Ordinal);
        using LineServer other = new(line => $"got {line}");
        using SampleData data = new();
        CliResult replayed =
            await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}", "--expect");
        Assert.Equal((ExitCode.Ok, ""), (replayed.Code, replayed.Error));
        Assert.Equal(["one line", "another"], other.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_recording_can_be_replayed_over_TLS(bool isByPin)
    {
        using LineServer far = new(line => $"got {line}");
        using Recording recording = Record(far);
        string[] trust = isByPin
            ? ["--pin", _server.GetCertHashString(HashAlgorithmName.SHA256)]
            : ["--ca-file", _folder.Combine("server-ca.crt"), "--server-name", "localhost"];
        using LineServer other = new(line => $"got {line}", WithKey());
        using SampleData data = new();

        CliResult replayed = await data.RunAsync(
            ["wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}", "--expect", .. trust]);

        Assert.Equal((ExitCode.Ok, ""), (replayed.Code, replayed.Error));
        Assert.Contains("replayed 1 connections: 9 bytes sent, 13 bytes received", replayed.Output, StringComparison.Ordinal);
        Assert.Equal(["one line"], other.Lines);
    }

    [Fact]
    public async Task Nothing_is_replayed_to_a_server_with_another_certificate()
    {
        using LineServer far = new(line => $"got {line}");
        using Recording recording = Record(far);
        using LineServer other = new(line => $"got {line}", WithKey());
        using SampleData data = new();

        CliResult replayed = await data.RunAsync(
            "wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}", "--pin",
            _recorder.GetCertHashString(HashAlgorithmName.SHA256));

        Assert.Equal(ExitCode.Failed, replayed.Code);
        Assert.Contains($"cannot connect to 127.0.0.1:{other.Port} with TLS", replayed.Error, StringComparison.Ordinal);
        Assert.Empty(other.Lines);
    }

    [Fact]
    public void Nothing_is_forwarded_to_a_server_with_another_certificate()
    {
        using LineServer far = new(line => $"got {line}", WithKey());
        using Recording recording = new(far.Port, "--pin", _recorder.GetCertHashString(HashAlgorithmName.SHA256));
        using (LineClient client = new(recording.Port))
        {
            client.Send("secret\n"u8.ToArray());
            Assert.Equal("", client.Rest());
        }

        Assert.Contains("recorded 0 connections: 0 bytes from clients, 0 from servers, in 0 chunks; 1 connections failed",
            recording.Stop().Output, StringComparison.Ordinal);
        Assert.Empty(far.Lines);
    }

    /// <summary>Records a line to a server, and its answer.</summary>
    private static Recording Record(LineServer server)
    {
        Recording recording = new(server.Port);
        using (LineClient client = new(recording.Port))
        {
            Assert.Equal("got one line", client.Ask("one line"));
        }

        // Five chunks: the opening of the connection, a line, an answer, and an end for each side.
        recording.WaitForChunks(5);
        recording.Stop();
        return recording;
    }

    /// <summary>The certificate of the server, including its key.</summary>
    private X509Certificate2 WithKey() => X509Certificate2.CreateFromPemFile(_folder.Combine("server.crt"), _folder.Combine("server.key"));
}
