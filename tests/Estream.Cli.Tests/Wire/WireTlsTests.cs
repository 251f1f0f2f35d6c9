using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Estream.Testing;

namespace Estream.Cli.Tests.Wire;

/// <summary>TLS ends at the recorder, on both sides: what is recorded can be read and played, and who is not who he should be is recorded with nobody.</summary>
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
    public async Task What_goes_over_TLS_is_recorded_as_it_was_meant_and_can_be_played(bool isByPin)
    {
        string[] server = isByPin ? ["--pin", _server.GetCertHashString(HashAlgorithmName.SHA256)] : ["--ca-file", _folder.Combine("server-ca.crt"), "--server-name", "localhost"];
        using LineServer far = new(line => $"got {line}", WithKey());
        using Recording recording = new(far.Port, ["--listen-certificate", _folder.Combine("recorder.crt"), "--listen-key", _folder.Combine("recorder.key"), .. server]);
        using (LineClient client = new(recording.Port, _recorder))
        {
            Assert.Equal("got one line", client.Ask("one line"));
            Assert.Equal("got another", client.Ask("another"));
        }

        // Its opening, two lines, two answers, and an end on each side.
        recording.WaitForChunks(7);
        ProcessResult recorded = recording.Stop();
        Assert.Equal((0, ""), (recorded.ExitCode, recorded.Error));
        Assert.Contains("one line\n", Encoding.Latin1.GetString(recording.Content()), StringComparison.Ordinal);
        using LineServer other = new(line => $"got {line}");
        using SampleData data = new();
        CliResult replayed = await data.RunAsync("wire", "replay", "--queue", recording.Directory, "--to", $"127.0.0.1:{other.Port}", "--expect");
        Assert.Equal((ExitCode.Ok, ""), (replayed.Code, replayed.Error));
        Assert.Equal(["one line", "another"], other.Lines);
    }

    [Fact]
    public void A_server_with_another_certificate_gets_nothing_and_is_counted()
    {
        using LineServer far = new(line => $"got {line}", WithKey());
        using Recording recording = new(far.Port, "--pin", _recorder.GetCertHashString(HashAlgorithmName.SHA256));
        using (LineClient client = new(recording.Port))
        {
            client.Send("secret\n"u8.ToArray());
            Assert.Equal("", client.Rest());
        }

        Assert.Contains("recorded 0 connections: 0 bytes from clients, 0 from servers, in 0 chunks; 1 connections came to nothing", recording.Stop().Output, StringComparison.Ordinal);
        Assert.Empty(far.Lines);
    }

    /// <summary>The certificate of the server with its key.</summary>
    private X509Certificate2 WithKey() => X509Certificate2.CreateFromPemFile(_folder.Combine("server.crt"), _folder.Combine("server.key"));
}
