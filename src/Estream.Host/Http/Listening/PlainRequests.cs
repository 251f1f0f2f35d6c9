using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Estream.Host.Http;

/// <summary>Answers a plain HTTP request on a TLS port with status 400 and the address to use. Without the answer, the client only sees
/// that its connection was closed.</summary>
internal static class PlainRequests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private static readonly byte[] s_answer = Create();

    /// <summary>Passes connections on that begin with a TLS handshake. Closes connections that send nothing.</summary>
    public static ConnectionDelegate Answer(ConnectionDelegate next) => async connection =>
    {
        PipeReader input = connection.Transport.Input;
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        late.CancelAfter(s_limit);
        bool isPlain;
        try
        {
            ReadResult read = await input.ReadAsync(late.Token).ConfigureAwait(false);
            isPlain = !read.Buffer.IsEmpty && char.IsAsciiLetterUpper((char)read.Buffer.FirstSpan[0]);
            input.AdvanceTo(isPlain ? read.Buffer.End : read.Buffer.Start, isPlain ? read.Buffer.End : read.Buffer.Start);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            connection.Abort();
            return;
        }

        if (isPlain)
        {
            await connection.Transport.Output.WriteAsync(s_answer).ConfigureAwait(false);
            return;
        }

        await next(connection).ConfigureAwait(false);
    };

    private static byte[] Create()
    {
        const string Text = "This port accepts TLS only. Use https:// instead of http://.\n";
        return Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
            + $"Content-Length: {Text.Length}\r\nConnection: close\r\n\r\n{Text}");
    }
}
