using System.Globalization;
using Estream.Tidy.Sources;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Estream.Tidy.Rules;

/// <summary>Calls that make a program untestable or a test slow and flaky.</summary>
internal static class BannedCalls
{
    /// <summary>A poll interval is fine in a test; a fixed pause in the hope that something has happened is not.</summary>
    private const int MaxTestPauseMs = 50;

    private const string ClockFolder = "src/Estream.Core";

    private static readonly string[] s_clockMembers =
    [
        "DateTime.Now", "DateTime.UtcNow", "DateTime.Today", "DateTimeOffset.Now", "DateTimeOffset.UtcNow",
        "Stopwatch.StartNew", "Stopwatch.GetTimestamp", "Environment.TickCount", "Environment.TickCount64",
    ];

    public static IEnumerable<Violation> Check(Repository repository)
    {
        return repository.CSharpFiles.SelectMany(CheckFile);
    }

    private static IEnumerable<Violation> CheckFile(SourceFile file)
    {
        IEnumerable<Violation> found = BarePragmas(file);
        if (file.IsUnder("src"))
        {
            found = found.Concat(Sleeps(file)).Concat(file.IsUnder(ClockFolder) ? [] : Clocks(file));
        }
        else if (file.IsUnder("tests"))
        {
            found = found.Concat(LongPauses(file)).Concat(EmptyPromises(file));
        }

        return found;
    }

    private static IEnumerable<Violation> Clocks(SourceFile file)
    {
        return from access in file.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
               let text = access.ToString()
               where s_clockMembers.Contains(text)
               select At(file, access, $"{text}: take the time from IClock, so that a test can set it");
    }

    private static IEnumerable<Violation> Sleeps(SourceFile file)
    {
        return from call in Calls(file, "Thread.Sleep")
               where !file.IsUnder(ClockFolder)
               select At(file, call, "Thread.Sleep in product code: wait on an IdleStrategy or asynchronously");
    }

    private static IEnumerable<Violation> LongPauses(SourceFile file)
    {
        return from call in Calls(file, "Thread.Sleep").Concat(Calls(file, "Task.Delay"))
               let pauseMs = ConstantMs(call.ArgumentList.Arguments.FirstOrDefault()?.Expression)
               where pauseMs > MaxTestPauseMs
               select At(file, call, $"a fixed pause of {pauseMs} ms: wait for the event with Eventually, ChildProcess or a signal");
    }

    private static IEnumerable<Violation> EmptyPromises(SourceFile file)
    {
        IEnumerable<Violation> alwaysTrue =
            from call in Calls(file, "Assert.True").Concat(Calls(file, "Assert.False"))
            where call.ArgumentList.Arguments.FirstOrDefault()?.Expression is LiteralExpressionSyntax
            select At(file, call, "asserts a constant");
        IEnumerable<Violation> skipped =
            from attribute in file.Syntax.DescendantNodes().OfType<AttributeSyntax>()
            from argument in attribute.ArgumentList?.Arguments ?? []
            where argument.NameEquals?.Name.Identifier.Text == "Skip"
            select At(file, argument, "a skipped test: repair or delete it (for missing programs use PeerFact)");
        return alwaysTrue.Concat(skipped);
    }

    private static IEnumerable<Violation> BarePragmas(SourceFile file)
    {
        return from trivia in file.Syntax.DescendantTrivia()
               where trivia.IsKind(SyntaxKind.PragmaWarningDirectiveTrivia)
               let directive = (PragmaWarningDirectiveTriviaSyntax)trivia.GetStructure()!
               where directive.DisableOrRestoreKeyword.IsKind(SyntaxKind.DisableKeyword) && !directive.ToFullString()
                   .Contains("//", StringComparison.Ordinal)
               select new Violation(file.Path, SourceFile.LineOf(directive), "a warning disabled without a // reason on the same line");
    }

    private static IEnumerable<InvocationExpressionSyntax> Calls(SourceFile file, string member)
    {
        return file.Syntax.DescendantNodes().OfType<InvocationExpressionSyntax>().Where(call => call.Expression.ToString() == member);
    }

    private static double? ConstantMs(ExpressionSyntax? expression)
    {
        return expression switch
        {
            LiteralExpressionSyntax { Token.Value: int number } => number,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax unit } call
                when unit.Expression.ToString() == "TimeSpan" && Number(call) is double number => number * MsPer(unit.Name.Identifier.Text),
            _ => null,
        };
    }

    private static double? Number(InvocationExpressionSyntax call)
    {
        object? value = (call.ArgumentList.Arguments.FirstOrDefault()?.Expression as LiteralExpressionSyntax)?.Token.Value;
        return value is int or long or double ? Convert.ToDouble(value, CultureInfo.InvariantCulture) : null;
    }

    private static double MsPer(string factory)
    {
        return factory switch
        {
            "FromMicroseconds" => 0.001,
            "FromMilliseconds" => 1,
            "FromSeconds" => 1_000,
            "FromMinutes" => 60_000,
            _ => 3_600_000,
        };
    }

    private static Violation At(SourceFile file, SyntaxNode node, string message)
    {
        return new Violation(file.Path, SourceFile.LineOf(node), message);
    }
}
