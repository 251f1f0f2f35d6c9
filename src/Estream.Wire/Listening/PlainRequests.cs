using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Estream.Wire.Internal;

/// <summary>Answers a plain HTTP request on a TLS port with status 400 and the address to use. Without the answer, the client only sees
/// that its connection was closed.</summary>
internal static class PlainRequests
{
    // The shortest methods, GET and PUT. A TLS handshake and a frame of the client protocol do not begin with three letters.
    private const int MethodLetters = 3;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    /// <summary>Creates a middleware that answers HTTP requests and passes other connections on. It closes connections that send
    /// nothing.</summary>
    /// <param name="remedy">The sentence with the address or protocol to use instead.</param>
    public static Func<ConnectionDelegate, ConnectionDelegate> Answer(string remedy)
    {
        byte[] answer = Create($"This port accepts TLS only. {remedy}\n");
        return next => async connection =>
        {
            PipeReader input = connection.Transport.Input;
            using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            late.CancelAfter(s_limit);
            bool isPlain;
            try
            {
                ReadResult read = await input.ReadAsync(late.Token).ConfigureAwait(false);
                isPlain = IsRequest(read.Buffer);
                input.AdvanceTo(isPlain ? read.Buffer.End : read.Buffer.Start, isPlain ? read.Buffer.End : read.Buffer.Start);
            }
            catch (Exception failure) when (failure is OperationCanceledException or IOException)
            {
                connection.Abort();
                return;
            }

            if (isPlain)
            {
                await connection.Transport.Output.WriteAsync(answer).ConfigureAwait(false);
                return;
            }

            await next(connection).ConfigureAwait(false);
        };
    }

    private static bool IsRequest(ReadOnlySequence<byte> start)
    {
        Span<byte> letters = stackalloc byte[MethodLetters];
        if (start.Length < MethodLetters)
        {
            return false;
        }

        start.Slice(0, MethodLetters).CopyTo(letters);
        return !letters.ContainsAnyExceptInRange((byte)'A', (byte)'Z');
    }

    private static byte[] Create(string text) => Encoding.ASCII.GetBytes(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"
        + $"Content-Length: {text.Length}\r\nConnection: close\r\n\r\n{text}");
}
