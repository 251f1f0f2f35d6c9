using System.Text.RegularExpressions;
using FsCheck.Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Estream.Testing;

/// <summary>An FsCheck property whose failure message ends with the command that generates the failing case again.</summary>
public sealed partial class ReplayablePropertyTestCase : PropertyTestCase
{
    /// <summary>Creates a test case that xUnit fills by deserialization.</summary>
    public ReplayablePropertyTestCase()
    {
    }

    /// <summary>Creates the test case of a method.</summary>
    /// <param name="diagnosticMessageSink">Receives diagnostic messages.</param>
    /// <param name="display">How the method is named in reports.</param>
    /// <param name="displayOptions">How that name is formatted.</param>
    /// <param name="testMethod">The method.</param>
    public ReplayablePropertyTestCase(IMessageSink diagnosticMessageSink, TestMethodDisplay display,
        TestMethodDisplayOptions displayOptions, ITestMethod testMethod)
        : base(diagnosticMessageSink, display, displayOptions, testMethod, null)
    {
    }

    /// <inheritdoc/>
    public override Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink,
        IMessageBus messageBus,
        object[] constructorArguments,
        ExceptionAggregator aggregator,
        CancellationTokenSource cancellationTokenSource) =>
        base.RunAsync(diagnosticMessageSink, new ReplayBus(messageBus), constructorArguments, aggregator, cancellationTokenSource);

    /// <summary>Returns the message of a failed property with the command that replays it, or the message itself if it names no
    /// seed.</summary>
    /// <param name="message">The message of FsCheck.</param>
    /// <param name="testClass">The full name of the test class.</param>
    /// <param name="testMethod">The name of the test method.</param>
    public static string WithReplay(string message, string testClass, string testMethod)
    {
        Match seed = LastStep().Match(message);
        return !seed.Success
            ? message
            : $"{message}{Environment.NewLine}Replay: "
                + $"{PropertyAttribute.ReplayVariable}='({seed.Groups["seed"].Value},"
                + $"{seed.Groups["gamma"].Value},{seed.Groups["size"].Value})'"
                + $" dotnet test -c Release --filter FullyQualifiedName={testClass}.{testMethod}";
    }

    [GeneratedRegex(@"size of (?<size>\d+) and seed of \((?<seed>\d+),\s*(?<gamma>\d+)\)")]
    private static partial Regex LastStep();

    private sealed class ReplayBus(IMessageBus inner) : IMessageBus
    {
        public bool QueueMessage(IMessageSinkMessage message)
        {
            if (message is not ITestFailed failed)
            {
                return inner.QueueMessage(message);
            }

            ITestMethod method = failed.TestMethod;
            string[] messages = [.. failed.Messages.Select(text => WithReplay(text, method.TestClass.Class.Name, method.Method.Name))];
            return inner.QueueMessage(
                new TestFailed(failed.Test, failed.ExecutionTime, failed.Output, failed.ExceptionTypes, messages, failed.StackTraces,
                    failed.ExceptionParentIndices));
        }

        // The bus belongs to the runner, which disposes it.
        public void Dispose()
        {
        }
    }
}
