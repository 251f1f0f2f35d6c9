using System.Reflection;
using Estream.Circuits.Operations;
using Estream.Map;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Circuits.Tests.Operations;

/// <summary>The page of operations says of every public call on queues and maps by which circuit it runs, or why by none.</summary>
public sealed class OperationTableTests
{
    // Of every object, and no operation.
    private static readonly string[] s_others = ["Dispose", "GetEnumerator"];

    private static readonly string s_table =
        File.ReadAllText(RepositoryRoot.Combine("docs", "guides", "operations.md")).Split("## Every call and its circuit\n")[1].Split("\n## ")[0];

    [Theory]
    [InlineData(typeof(EstreamQueue))]
    [InlineData(typeof(QueueAppender))]
    [InlineData(typeof(QueueTailer))]
    [InlineData(typeof(ByteMap))]
    [InlineData(typeof(ByteMapBatch))]
    [InlineData(typeof(VersionedByteMap))]
    [InlineData(typeof(VersionedByteMapBatch))]
    public void Every_call_is_in_the_table(Type type)
    {
        string[] calls =
        [
            .. type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(method => !method.IsSpecialName)
                .Select(method => method.Name)
                .Except(s_others),
        ];
        Assert.NotEmpty(calls);
        Assert.DoesNotContain(calls, call => !s_table.Contains($"`{type.Name}.{call}`", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_circuit_is_in_the_table() =>
        Assert.DoesNotContain(OperationContract.Names, name => !s_table.Contains($"`{name}`", StringComparison.Ordinal));
}
