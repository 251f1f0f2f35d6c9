using System.Globalization;
using Estream.Cli.Output;
using Estream.Marketplace.Attestations;
using Estream.Marketplace.Publishing;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Prints the results of golden vectors.</summary>
internal static class VectorReport
{
    /// <summary>Prints the result of each vector and returns the exit code.</summary>
    public static int Say(MarketplaceOutput said, PackedComponent packed)
    {
        foreach (VectorFile file in packed.Vectors.Files)
        {
            foreach (VectorOutcome vector in file.Vectors)
            {
                Say(said, $"{file.Path}: {vector.Name}", vector.Differences);
            }

            if (file.Vectors.Count == 0)
            {
                Say(said, file.Path, ["the file contains no vectors; add at least one"]);
            }
        }

        foreach (string file in packed.NotRun)
        {
            Say(said, file, ["there is no circuit for this file: a.vectors.json requires a.circuit.yaml in the same folder"]);
        }

        return packed.IsReady ? ExitCode.Ok : ExitCode.No;
    }

    /// <summary>Prints the result of one vector.</summary>
    public static void Say(MarketplaceOutput said, string name, IReadOnlyList<string> differences)
    {
        string state = differences.Count == 0 ? "passed" : "FAILED";
        said.Say(string.Create(CultureInfo.InvariantCulture,
            $"{state}: {name}{string.Concat(differences.Select(difference => $"\n  {difference}"))}"), json =>
        {
            json.WriteString("vector", name);
            json.WriteBoolean("passed", differences.Count == 0);
            json.WriteTexts("differences", differences);
        });
    }
}
