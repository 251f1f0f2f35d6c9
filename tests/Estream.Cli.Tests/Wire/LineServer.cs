using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Estream.Cli.Tests.Wire;

/// <summary>A server that records the lines of all its clients in order and answers each.</summary>
internal sealed class LineServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Func<string, string?> _answer;
    private readonly X509Certificate2? _certificate;

    /// <summary>Starts the server on a free port.</summary>
    /// <param name="answer">The answer to a line; null for none.</param>
    /// <param name="certificate">The TLS certificate of the server; null for plain TCP.</param>
    public LineServer(Func<string, string?> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string[] Lines => [.. _lines];

    public void Dispose()
    {
        _listener.Stop();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The test has ended.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using Stream stream = await OpenAsync(client);
                using StreamReader reader = new(stream, Encoding.Latin1);
                while (await reader.ReadLineAsync() is { } line)
                {
                    _lines.Enqueue(line);
                    if (_answer(line) is { } text)
                    {
                        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{text}\n"));
                    }
                }
            }
            catch (Exception end) when (end is IOException or AuthenticationException)
            {
                // The client was disconnected, or the server is closing.
            }
        }
    }

    private async Task<Stream> OpenAsync(TcpClient client)
    {
        if (_certificate is null)
        {
            return client.GetStream();
        }

        SslStream secure = new(client.GetStream());
        await secure.AuthenticateAsServerAsync(_certificate);
        return secure;
    }
}
