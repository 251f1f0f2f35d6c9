using System.Net.Sockets;
using System.Text;

namespace Estream.Wire.Hl7.Tests.Transport;

/// <summary>Values that identify a person appear in no event, health text, dead letter or plaintext of a file, however the message is
/// received.</summary>
public sealed class ListenerPrivacyTests
{
    private const string Marker = "ZQXMARKER";

    public static TheoryData<string> Messages =>
    [
        // Fits all schemas.
        Header("1") + $"PID|1||{Marker}1^^^{Marker}^MR||{Marker}^{Marker}^E||19620320|F|||1 {Marker} ST^^{Marker}||{Marker}\r"
            + $"PV1|1|I|{Marker}^389^1|||||||||||||||||{Marker}V\rOBR|1||{Marker}F\r"
            + $"OBX|1|TX|1^{Marker}^LN||{Marker}||||||F\rNTE|1||{Marker}\rZZZ|{Marker}\r",

        // Orders, an appointment and a document.
        Header("8") + $"PID|1||567^^^GH\rORC|NW|{Marker}1|{Marker}2|{Marker}3|||||||||{Marker}^{Marker}\r"
            + $"OBR|1|||{Marker} words^{Marker}|||||||||||||||||||||||||||{Marker}\rNTE|1||{Marker}\r",
        Header("9") + $"SCH|{Marker}1|{Marker}2||||{Marker}|{Marker}|{Marker}|||||||||||||||||{Marker}\rNTE|1||{Marker}\r"
            + $"AIS|1||{Marker}\rAIL|1||{Marker}|{Marker}\rAIG|1||{Marker}\rAIP|1||{Marker}^{Marker}|{Marker}\r",
        Header("10") + $"TXA|1|{Marker}|TX||{Marker}^{Marker}||||{Marker}^{Marker}|||{Marker}1|{Marker}2|||||{Marker}||||{Marker}|||"
            + $"{Marker}\r"
            + $"OBX|1|TX|||{Marker}\rOBX|2|ED|||{Marker}^AP^{Marker}^Base64^AAAA\rOBX|3|RP|||{Marker}^{Marker}^image^{Marker}\r",

        // Has no identifier, so patient and encounter become dead letters.
        Header("2") + $"PID|1||||{Marker}^{Marker}\rPV1|1|I|{Marker}\r",

        // Has an invalid segment, a second header, no type, an unknown character set, a control id that is too long.
        Header("3") + $"PID|1||||{Marker}\r{Marker}|1\r",
        Header("4") + $"PID|1||||{Marker}\r" + Header("5"),
        $"MSH|^~\\&|A|B|C|D|20260101||{Marker}^A01|6|P|2.5\rPID|1||{Marker}\r",
        $"MSH|^~\\&|A|B|C|D|20260101||ADT^{Marker}|6|P|2.5\rPID|1||{Marker}\r",
        $"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|7|P|2.5||||||{Marker}\rPID|1||{Marker}\r",
        $"MSH|^~\\&|A|B|C|D|20260101||ADT^A01|{new string('8', 200)}|P|2.5\rPID|1||{Marker}\r",
        $"{Marker}",
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Planted_value_stays_private(string message)
    {
        ListenerRig rig = new();
        await using (rig)
        {
            using Socket socket = rig.Connect();
            string ack = ListenerRig.Exchange(socket, message)[0];
            Assert.DoesNotContain(Marker, ack, StringComparison.Ordinal);

            // A peer that breaks the protocol in the middle of a message.
            socket.Send([0x0B, .. Encoding.UTF8.GetBytes($"MSH|^~\\&|{Marker}\r"), 0x0B]);
            Assert.Null(ListenerRig.ReadFrame(socket));
            string shown = string.Join('\n', rig.Events.Select(one => $"{one.Detail} {one.Exception}"))
                + rig.Listener.Health + string.Join('\n', rig.Read("dead-letters"));
            Assert.DoesNotContain(Marker, shown, StringComparison.Ordinal);
            foreach (string file in Directory.EnumerateFiles(rig.Folder, "*", SearchOption.AllDirectories))
            {
                if (file.EndsWith(".lock", StringComparison.Ordinal) || ReadIfThere(file) is not { } bytes)
                {
                    // Lock files are empty and cannot be opened twice.
                    continue;
                }

                Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Marker)) < 0, $"{Path.GetFileName(file)} has the value");
                Assert.True(bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Marker)))) < 0);
            }
        }
    }

    /// <summary>Returns null for a segment without messages that a queue has prepared and renames meanwhile.</summary>
    private static byte[]? ReadIfThere(string file)
    {
        try
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static string Header(string id) => $"MSH|^~\\&|A|B|C|D|20260101||ADT^A01^ADT_A01|{id}|P|2.5\r";
}
