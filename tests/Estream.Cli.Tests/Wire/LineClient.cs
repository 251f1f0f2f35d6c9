using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Estream.Cli.Tests.Wire;

/// <summary>A client that sends a line and waits for the answer.</summary>
internal sealed class LineClient : IDisposable
{
    private const int LimitMs = 60_000;

    private readonly TcpClient _client = new();
    private readonly StreamReader _reader;
    private readonly Stream _stream;

    /// <param name="port">The port of the server.</param>
    /// <param name="certificate">The certificate that the server must present over TLS; null for plain TCP.</param>
    public LineClient(int port, X509Certificate2? certificate = null)
    {
        _client.Connect(IPAddress.Loopback, port);
        _client.NoDelay = true;
        _client.GetStream().ReadTimeout = LimitMs;
        _stream = _client.GetStream();
        if (certificate is not null)
        {
            SslStream secure = new(_stream, leaveInnerStreamOpen: false,
                (_, shown, _, _) => shown?.GetCertHashString() == certificate.GetCertHashString());
            secure.AuthenticateAsClient("localhost");
            _stream = secure;
        }

        _reader = new StreamReader(_stream, Encoding.Latin1);
    }

    public string? Ask(string line)
    {
        Send(Encoding.Latin1.GetBytes($"{line}\n"));
        return _reader.ReadLine();
    }

    /// <summary>Sends bytes. If the connection is closed meanwhile, the next read reports it.</summary>
    public void Send(byte[] bytes)
    {
        try
        {
            _stream.Write(bytes);
        }
        catch (IOException)
        {
            // The connection was closed.
        }
    }

    /// <summary>Reads until the server closes the connection.</summary>
    public string Rest()
    {
        try
        {
            return _reader.ReadToEnd();
        }
        catch (IOException)
        {
            // A reset also counts as an end.
            return "";
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _client.Dispose();
    }
}
