using System.Text;
using System.Text.Json;
using Estream.Testing;
using Estream.Wire.Hl7.Codec;
using Estream.Wire.Hl7.Tests.Transport;

namespace Estream.Wire.Hl7.Tests.Peers;

/// <summary>python3-hl7 reads the same fields, and its sender gets acknowledgements that it accepts.</summary>
public sealed class PythonHl7Tests
{
    private const string Python = "/usr/bin/python3";

    [PeerFact("mllp_send", "python3-hl7")]
    public void Parser_reads_every_field_of_every_sample_as_python3_hl7_does()
    {
        using PeerFiles files = new();
        using ChildProcess judge = ChildProcess.Start(Python, [PeerFiles.Script("python_hl7.py")]);
        foreach (string file in files.Files)
        {
            judge.Input.WriteLine(file);
        }

        judge.Input.Close();
        string[] lines = judge.WaitForExit().EnsureSuccess().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(PeerFiles.Names.Count, lines.Length);
        Hl7Parser parser = new();
        foreach (string line in lines)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            byte[] bytes = File.ReadAllBytes(json.RootElement.GetProperty("file").GetString()!);
            Assert.Equal(Hl7Status.Ok, parser.Parse(bytes, out Hl7Message message));
            JsonElement rows = json.RootElement.GetProperty("rows");
            Assert.Equal(rows.GetArrayLength(), message.SegmentCount);
            for (int i = 0; i < message.SegmentCount; i++)
            {
                Assert.Equal(rows[i].GetProperty("name").GetString(), Encoding.UTF8.GetString(message[i].Name));
                JsonElement fields = rows[i].GetProperty("fields");
                Assert.Equal(fields.GetArrayLength(), message[i].FieldCount);
                for (int field = 0; field < fields.GetArrayLength(); field++)
                {
                    // The judge removes the blanks at the end of a message.
                    bool isLast = i == message.SegmentCount - 1 && field == fields.GetArrayLength() - 1;
                    string found = Encoding.UTF8.GetString(message[i][field + 1].Bytes);
                    Assert.Equal(fields[field].GetString(), isLast ? found.TrimEnd() : found);
                }
            }

            Assert.Equal(json.RootElement.GetProperty("control").GetString(), Encoding.UTF8.GetString(message.Header[10].Bytes));
            Assert.Equal(json.RootElement.GetProperty("pid3").GetString(), Encoding.UTF8.GetString(message.First("PID"u8)[3].Bytes));
        }
    }

    [PeerFact("mllp_send", "python3-hl7")]
    public async Task Mllp_send_delivers_every_sample()
    {
        using PeerFiles files = new();
        await using ListenerRig rig = new(null, "#", "Hl7Message");
        string all = Path.Combine(files.Path, "all.hl7");
        File.WriteAllText(all, string.Concat(files.Files.Select(file => File.ReadAllText(file).ReplaceLineEndings("\n"))));
        ProcessResult sent = ChildProcess.Run(
            Peer.Require("mllp_send", "python3-hl7"), ["-p", $"{rig.Port}", "--loose", "-f", all, "127.0.0.1"]).EnsureSuccess();
        Assert.Equal(PeerFiles.Names.Count, rig.Read("Hl7Message").Count);
        Assert.Empty(rig.Read("dead-letters"));
        Assert.Contains("MSA|AA|", sent.Output, StringComparison.Ordinal);
    }
}
