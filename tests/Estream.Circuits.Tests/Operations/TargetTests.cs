using Estream.Circuits.Operations;
using Estream.Circuits.Testing;
using Estream.Esf;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>A target that runs some operations, like a card: the other operations are refused when they are opened.</summary>
public sealed class TargetTests
{
    public static TheoryData<string> Names => [.. OperationContract.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_refuses_unsupported_operations_by_name(string operation)
    {
        string folder = RepositoryRoot.Combine("circuits", $"{operation}.v1");
        CircuitReadResult read = CircuitReader.Load(Path.Combine(folder, $"{operation}.v1.circuit.yaml"), EsfSchemaSet.BuiltIn);
        CircuitVector vector = CircuitVectors.Load(Path.Combine(folder, $"{operation}.v1.vectors.json"), read.Circuit!, read.Schemas)[0];
        CardTarget card = new();
        if (operation is "queue.append" or "map.put" or "map.get")
        {
            Assert.Equal([], vector.Run(card));
            Assert.Equal(1, card.Opened);
        }
        else
        {
            Assert.Contains($"The target 'card' does not run '{operation}'",
                Assert.Throws<NotSupportedException>(() => vector.Run(card)).Message, StringComparison.Ordinal);
            Assert.Equal(0, card.Opened);
        }
    }

    private sealed class CardTarget : IExecutionTarget
    {
        public string Name => "card";

        public int Opened { get; private set; }

        public bool CanRun(OperationKind kind) => kind is OperationKind.QueueAppend or OperationKind.MapPut or OperationKind.MapGet;

        public IExecutableOperation Open(CircuitOperation operation, OperationResources places)
        {
            Opened++;
            return CpuTarget.Instance.Open(operation, places);
        }
    }
}
