using System.Reflection;
using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>The operations page lists every public call on queues and maps, with its parameters, and names the circuit that runs it or the
/// reason why there is none.</summary>
public sealed class OperationTableTests
{
    // Members that .NET interfaces require; they are not operations.
    private static readonly string[] s_others = ["Dispose", "GetEnumerator"];

    private static readonly string s_table =
        File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "operations.md"))
            .Split("## Every call and its circuit\n")[1].Split("\n## ")[0];

    private static readonly Type[] s_types =
        [typeof(EstreamQueue), typeof(QueueAppender), typeof(QueueTailer), typeof(ByteMap), typeof(ByteMapBatch), typeof(VersionedByteMap),
            typeof(VersionedByteMapBatch)];

    [Fact]
    public void The_operations_table_lists_every_public_call() =>
        Assert.All(s_types, type =>
        {
            string[] calls = CallsOf(type);
            Assert.NotEmpty(calls);

            // Overloads are listed separately: a circuit that covers one overload need not cover another overload.
            Assert.Empty(calls.Except(Named()));
        });

    [Fact]
    public void The_operations_table_lists_no_other_call_and_no_duplicate()
    {
        string[] named = Named();
        Assert.Empty(named.Except(s_types.SelectMany(CallsOf)));
        Assert.Equal(named.Distinct(), named);
    }

    [Fact]
    public void The_operations_table_names_every_circuit() =>
        Assert.DoesNotContain(OperationContract.Names, name => !s_table.Contains($"`{name}`", StringComparison.Ordinal));

    private static string[] CallsOf(Type type) =>
    [
        .. type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(method => !method.IsSpecialName && !s_others.Contains(method.Name))
            .Select(method =>
                $"{type.Name}.{method.Name}({string.Join(", ", method.GetParameters().Select(parameter => parameter.Name))})"),
    ];

    // Returns the calls that are in backticks.
    private static string[] Named() => [.. s_table.Split('`').Where((text, index) => index % 2 == 1 && text.EndsWith(')'))];
}
