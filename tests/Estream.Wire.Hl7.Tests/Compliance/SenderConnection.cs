using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Estream.Wire.Compliance;
using Estream.Wire.Compliance.Peers;

namespace Estream.Wire.Hl7.Tests.Compliance;

/// <summary>A sender of messages over MLLP.</summary>
internal sealed class SenderConnection(Socket socket) : TcpPeerConnection(socket)
{
    private readonly ConcurrentDictionary<string, int> _numbers = [];

    public override ReadOnlyMemory<byte> Encode(int number, ComplianceMessage message)
    {
        _numbers[Encoding.UTF8.GetString(message.Payload.Span).Split('|')[9]] = number;
        return (byte[])[0x0B, .. message.Payload.Span, 0x1C, 0x0D];
    }

    protected override async Task ReadAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[16 * 1024];
        string text = "";
        int count;
        while ((count = await stream.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            text = Take(text + Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    /// <summary>Takes complete acknowledgements, and returns the rest.</summary>
    private string Take(string text)
    {
        int end;
        while ((end = text.IndexOf("\u001c\r", StringComparison.Ordinal)) >= 0)
        {
            string[] msa = text[..end].Split('\r').First(line => line.StartsWith("MSA", StringComparison.Ordinal)).Split('|');
            if (_numbers.TryGetValue(msa[2], out int number))
            {
                Acknowledge(number);
            }

            text = text[(end + 2)..];
        }

        return text;
    }
}
