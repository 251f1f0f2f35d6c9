using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Estream.Replication.Tests.Failover;

/// <summary>A hospital system that sends admissions over MLLP, and never sends one again.</summary>
internal sealed class Hl7Sender(int port)
{
    private const byte Start = 0x0b;
    private const byte End = 0x1c;

    /// <summary>The control ids of the acknowledged messages. Thread-safe.</summary>
    public ConcurrentQueue<string> Acknowledged { get; } = new();

    /// <summary>Sends messages until the connection ends.</summary>
    /// <param name="round">The number in the names of the messages.</param>
    public void Run(int round)
    {
        using TcpClient client = new("127.0.0.1", port) { NoDelay = true, ReceiveTimeout = 60_000 };
        for (int i = 0; ; i++)
        {
            string id = $"h{round}-{i}.";
            client.GetStream().Write(
            [
                Start,
                .. Encoding.ASCII.GetBytes($"MSH|^~\\&|ADT1|GH|LAB|GH|20260101120000||ADT^A01^ADT_A01|{id}|P|2.5.1\r"
                    + "PID|1||567^^^GH^MR||EVERYWOMAN^EVE||19620320|F\r"),
                End, (byte)'\r',
            ]);
            string answer = Receive(client.GetStream());
            Assert.Contains($"MSA|AA|{id}", answer, StringComparison.Ordinal);
            Acknowledged.Enqueue(id);
        }
    }

    private static string Receive(NetworkStream stream)
    {
        StringBuilder answer = new();
        for (int next; (next = stream.ReadByte()) != End;)
        {
            if (next < 0)
            {
                throw new IOException("The host closed the connection.");
            }

            _ = answer.Append((char)next);
        }

        return answer.ToString();
    }
}
