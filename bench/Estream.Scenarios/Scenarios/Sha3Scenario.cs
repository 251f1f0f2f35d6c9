using System.Security.Cryptography;
using Estream.Crypto;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Scenarios;

/// <summary>SHA3-256 of one long message, which is a single Keccak state regardless of the vector width.</summary>
internal sealed class Sha3Scenario : IScenario
{
    private const string Platform = "dotnet";

    public string Name => "sha3";

    public string Summary => "SHA3-256 of a message of 1 MiB";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
        [new ScenarioCase("1MiB", SHA3_256.IsSupported ? Platform : null, [.. Contenders()])];

    private static IEnumerable<Contender> Contenders()
    {
        if (SHA3_256.IsSupported)
        {
            yield return Contender.Managed(Platform,
                context => new HashContender(context, (message, hash) => SHA3_256.HashData(message, hash))) with
            {
                IsWithoutFiles = true,
            };
        }

        yield return Contender.Managed("estream", context => new HashContender(context, Sha3Lanes.Hash)) with
        {
            Target = Target.AtMost(1.0),
            IsWithoutFiles = true,
        };
    }
}
