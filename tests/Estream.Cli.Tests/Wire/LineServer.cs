using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Estream.Cli.Tests.Wire;

/// <summary>A server that notes the lines it gets, of all its clients in one order, and answers each.</summary>
internal sealed class LineServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Func<string, string?> _answer;

    /// <summary>Starts it.</summary>
    /// <param name="answer">What it answers to a line; null for nothing.</param>
    public LineServer(Func<string, string?> answer)
    {
        _answer = answer;
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
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using StreamReader reader = new(client.GetStream(), Encoding.Latin1);
                while (await reader.ReadLineAsync() is { } line)
                {
                    _lines.Enqueue(line);
                    if (_answer(line) is { } text)
                    {
                        await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"{text}\n"));
                    }
                }
            }
            catch (IOException)
            {
                // The client was cut off, or the server has had enough.
            }
        }
    }
}
