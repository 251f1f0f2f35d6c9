using System.Text;
using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Circuits.Testing;
using Estream.Esf;
using Estream.Fuzz.Esf;
using Estream.Testing;

namespace Estream.Fuzz.Circuits;

/// <summary>Damaged requests to the built-in circuits, and damaged vectors of them: each request has a result with a status. A failure
/// names the seed that repeats it.</summary>
public sealed class OperationFuzzTests
{
    public static TheoryData<string, string> Requests => new()
    {
        { "queue.append", """{"payload":"00010203"}""" },
        { "queue.append_batch", """{"payloads":["0001","","0203"]}""" },
        { "queue.compact", """{"retained_bytes":65536,"retained_age":1000000}""" },
        { "queue.replicate", """{"most":3}""" },
        { "map.put", """{"key":"61","value":"3132","time_to_live":1000000}""" },
        { "map.cas", """{"key":"61","value":"3132","expected":"3132","time_to_live":1000000}""" },
        { "map.get", """{"key":"61"}""" },
        { "map.remove", """{"key":"61","expected_version":1}""" },
        { "queue.read", """{"sequence":0}""" },
        { "map.batch", """{"keys":["61","62"],"values":["31","32"],"removed":["63"],"required":["64"],"required_versions":[0]}""" },
        { "map.touch", """{"key":"61","time_to_live":1000000}""" },
        { "map.clear", """{"expected_entries":0}""" },
        { "map.gc", """{"shrink":true}""" },
        { "map.sync", """{"most":3}""" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_damaged_operation_request_has_a_result(string operation, string request)
    {
        Circuit circuit = Circuit.Load(RepositoryRoot.Combine("circuits", $"{operation}.v1", $"{operation}.v1.circuit.yaml"));
        byte[] buffer = new byte[500];
        Assert.True(EsfJson.TryEncode(circuit.Operation!.Request, Encoding.UTF8.GetBytes(request), buffer, out int length).IsOk);
        byte[][] messages = [buffer[..length]];
        using OperationTrial trial = new(circuit);
        bool[] seen = new bool[Enum.GetValues<OperationStatus>().Length];
        for (int seed = 0; seed < LongRun.Count(1_000, 100_000); seed++)
        {
            byte[] damaged = new Bytes(seed).Damaged(messages);
            try
            {
                ReadOnlySpan<byte> result = trial.Run(damaged);
                EsfStatus status = EsfValidator.Check(circuit.Operation.Result, result);
                Assert.True(status.IsOk, status.ToString());
                seen[(int)circuit.Operation.StatusOf(result)] = true;
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"seed {seed}: {Convert.ToHexString(damaged)}", failure);
            }
        }

        Assert.True(seen[(int)OperationStatus.Invalid]);
        Assert.True(seen.Count(one => one) > 1, "the requests gave only invalid results");
    }

    [Fact]
    public void A_damaged_operation_vector_file_is_read_or_rejected_with_a_position()
    {
        const string Vectors = """
            {"vectors":[{"name":"x","before":{"queues":{"changes":{"segment_bytes":65536,"messages":[{"payload":"00","times":2}]}},"maps":{"state":{"versions":true,"entries":[{"key":"61","value":"31","time_to_live":1000}]}},"passed":10},
            "requests":[{"most":3}],"results":[{"status":"Done","messages":1}],"after":{"maps":{"copy":[{"key":"61","value":"31"}]},"queues":{"changes":[]}}}]}
            """;
        CircuitReadResult read =
            CircuitReader.Load(RepositoryRoot.Combine("circuits", "map.sync.v1", "map.sync.v1.circuit.yaml"), EsfSchemaSet.BuiltIn);
        DamagedVectors.AssertReadOrRefused(read, Vectors);
    }
}
