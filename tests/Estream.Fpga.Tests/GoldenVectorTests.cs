using Estream.Circuits;
using Estream.Circuits.Operations;
using Estream.Circuits.Testing;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Fpga.Tests;

/// <summary>Runs the golden vectors of the built-in circuits with a card, without one, and with one that keeps failing.</summary>
public sealed class GoldenVectorTests
{
    private static readonly OperationKind[] s_kinds = [OperationKind.QueueAppend, OperationKind.MapPut, OperationKind.MapCas];

    [Fact]
    public void CanRun_is_true_for_appends_puts_and_exchanges_only()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["sim:"] });
        Assert.Equal(s_kinds, Enum.GetValues<OperationKind>().Where(target.CanRun));
        Assert.Equal("fpga (sim:)", target.Name);
    }

    [CardFact(simulated: true)]
    public void All_vectors_pass_on_a_simulated_card_that_answers_requests()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["sim:"] });
        Assert.All(Vectors(), vector => Assert.Empty(vector.Run(target)));
        FpgaCardReport card = Assert.Single(target.ReadCards());
        Assert.Equal((FpgaCardState.Ready, FpgaBackend.Simulated, 0L, 0L),
            (card.State, card.Info!.Backend, card.Failures, card.Unanswered));
        Assert.True(card.Answered >= 10 && card.Counters!.Value.AppendMessages > 0 && card.Counters.Value.MapChanges > 0, card.ToString());
    }

    [Fact]
    public void All_vectors_pass_without_a_card()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["vfio:0000:ff:1f.7", "loopback:"] });
        Assert.All(Vectors(), vector => Assert.Empty(vector.Run(target)));
        Assert.Equal(0, target.ReadCards().Sum(card => card.Answered));
    }

    [CardFact(simulated: true)]
    public void All_vectors_pass_while_the_card_keeps_failing()
    {
        using FpgaTarget target = new(new FpgaTargetOptions { Cards = ["sim:"], ReopenInterval = TimeSpan.Zero });
        Random random = new(7);
        foreach (CircuitVector vector in Vectors())
        {
            Assert.True(target.Slots[0].IsReady());
            target.Slots[0].Card!.InjectFault(RandomInput.Fault(random), random.Next(3), (ulong)random.Next());
            Assert.Empty(vector.Run(target));
        }

        Assert.True(target.ReadCards()[0].Failures > 0);
    }

    private static List<CircuitVector> Vectors()
    {
        List<CircuitVector> all = [];
        foreach (string folder in Directory.GetDirectories(RepositoryRoot.Combine("circuits")))
        {
            string name = Path.GetFileName(folder);
            string file = Path.Combine(folder, $"{name}.circuit.yaml");
            if (File.Exists(file) && Circuit.Load(file) is { Operation: CircuitOperation operation } circuit
                && s_kinds.Contains(operation.Kind))
            {
                all.AddRange(CircuitVectors.Load(Path.Combine(folder, $"{name}.vectors.json"), circuit, EsfSchemaSet.Empty));
            }
        }

        Assert.True(all.Count >= 8, $"only {all.Count} vectors were found");
        return all;
    }
}
