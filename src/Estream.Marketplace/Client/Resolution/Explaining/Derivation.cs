using System.Globalization;

namespace Estream.Marketplace.Resolution;

/// <summary>
/// Explains a failure in lines of text, from the facts to the conclusion. Each line continues from the line before; a line that is
/// referenced later gets a number. Uses no recursion, because a derivation can be as deep as a dependency chain is long.
/// </summary>
internal sealed class Derivation
{
    private const int MaxLines = 60;

    private readonly ConflictPhrases _phrases;
    private readonly List<Incompatibility> _order = [];
    private readonly Dictionary<Incompatibility, int> _uses = [];
    private readonly HashSet<Incompatibility> _skipped = [];

    private Derivation(Incompatibility failure, ConflictPhrases phrases)
    {
        _phrases = phrases;
        Sort(failure);
        for (int i = 0; i < _order.Count; i++)
        {
            // A step with one derived cause and one use is merged into the next line. Two consecutive steps are not merged: the line would
            // be too long.
            Incompatibility step = _order[i];
            if (i + 1 < _order.Count && _uses[step] == 1 && Outer(_order[i + 1]) is not null && ReferenceEquals(Inner(_order[i + 1]), step)
                && Inner(step) is Incompatibility prior && Outer(step) is not null && !_skipped.Contains(prior) && i > 0
                && ReferenceEquals(_order[i - 1], prior))
            {
                _skipped.Add(step);
            }
        }
    }

    /// <summary>Returns the lines that explain a failure. <see cref="FactsOf"/> returns the facts that they use.</summary>
    public static IReadOnlyList<string> LinesOf(Incompatibility failure, ConflictPhrases phrases)
    {
        if (failure.Fact is not null)
        {
            return [$"{Sentence(phrases.Of(failure))}."];
        }

        return new Derivation(failure, phrases).Lines();
    }

    /// <summary>Returns the distinct facts that a failure derives from, in the order of its lines.</summary>
    public static IReadOnlyList<Fact> FactsOf(Incompatibility failure)
    {
        List<Fact> facts = [];
        HashSet<Incompatibility> seen = [];
        Stack<Incompatibility> open = new([failure]);
        while (open.TryPop(out Incompatibility? next))
        {
            if (!seen.Add(next))
            {
                continue;
            }

            if (next.Fact is not null)
            {
                facts.Add(next.Fact);
                continue;
            }

            open.Push(next.Right!);
            open.Push(next.Left!);
        }

        return facts;
    }

    /// <summary>Returns the derived cause of a step that has one derived cause and one fact; otherwise null.</summary>
    private static Incompatibility? Inner(Incompatibility step) =>
        step.Left!.Fact is null == (step.Right!.Fact is null) ? null : step.Left.Fact is null ? step.Left : step.Right;

    /// <summary>Returns the fact of a step that has one derived cause and one fact; otherwise null.</summary>
    private static Incompatibility? Outer(Incompatibility step) =>
        step.Left!.Fact is null == (step.Right!.Fact is null) ? null : step.Left.Fact is null ? step.Right : step.Left;

    private static string Sentence(string text) => text.Length == 0 ? text : char.ToUpper(text[0], CultureInfo.InvariantCulture)
        + text[1..];

    /// <summary>Orders every derived step after its causes, and the longer of two causes first.</summary>
    private void Sort(Incompatibility failure)
    {
        HashSet<Incompatibility> done = [];
        Stack<(Incompatibility Step, bool IsBehindCauses)> open = new([(failure, false)]);
        _uses[failure] = 1;
        while (open.TryPop(out (Incompatibility Step, bool IsBehindCauses) next))
        {
            if (next.IsBehindCauses)
            {
                _order.Add(next.Step);
                continue;
            }

            if (!done.Add(next.Step))
            {
                continue;
            }

            open.Push((next.Step, true));
            Incompatibility[] causes = [.. new[] { next.Step.Left!, next.Step.Right! }.Where(cause => cause.Fact is null)];
            bool isSecondSimple = causes.Length == 2 && IsSimple(causes[1]);
            foreach (Incompatibility cause in isSecondSimple ? causes.Reverse() : causes)
            {
                _uses[cause] = _uses.GetValueOrDefault(cause) + 1;
                open.Push((cause, false));
            }
        }
    }

    private static bool IsSimple(Incompatibility step) => step.Left!.Fact is not null && step.Right!.Fact is not null;

    private List<string> Lines()
    {
        Incompatibility[] said = [.. _order.Where(step => !_skipped.Contains(step))];
        Dictionary<Incompatibility, int> lineOf = [];
        HashSet<Incompatibility> numbered = [];
        for (int i = 0; i < said.Length; i++)
        {
            lineOf[said[i]] = i;
            numbered.UnionWith(DerivedCausesOf(said[i]).Where(cause => lineOf[cause] < i - 1));
        }

        int next = 0;
        Dictionary<Incompatibility, int> numberOf = said.Where(numbered.Contains).ToDictionary(step => step, _ => ++next);
        List<string> lines = [];
        for (int i = 0; i < said.Length; i++)
        {
            string number = numberOf.TryGetValue(said[i], out int own) ? $" ({own})" : "";
            lines.Add($"{Opening(said[i], i > 0 ? said[i - 1] : null, numberOf)}, {_phrases.Of(said[i])}{number}.");
        }

        return lines.Count <= MaxLines
            ? lines
            : [.. lines[..(MaxLines / 2)], $"... {lines.Count - MaxLines} steps omitted ...", .. lines[^(MaxLines / 2)..]];
    }

    /// <summary>Returns the derived causes of a line, including those of a step merged into it.</summary>
    private IEnumerable<Incompatibility> DerivedCausesOf(Incompatibility step) => CausesOf(step).Where(cause => cause.Fact is null);

    private IEnumerable<Incompatibility> CausesOf(Incompatibility step) =>
        new[] { step.Left!, step.Right! }.SelectMany(cause => _skipped.Contains(cause) ? new[] { cause.Left!, cause.Right! } : [cause]);

    private string Opening(Incompatibility step, Incompatibility? before, Dictionary<Incompatibility, int> numberOf)
    {
        Incompatibility[] causes = [.. CausesOf(step)];
        bool goesOn = before is not null && causes.Contains(before);
        Incompatibility[] others = [.. causes.Where(cause => !ReferenceEquals(cause, before))];
        Fact[] facts = [.. others.Select(cause => cause.Fact).OfType<Fact>()];
        List<string> reasons = facts.Length == 2
            ? [_phrases.OfBoth(facts[0], facts[1])]
            : [.. others.Where(cause => cause.Fact is not null).Select(_phrases.Of)];
        reasons.AddRange(others.Where(cause => cause.Fact is null).Select(cause => $"{_phrases.Of(cause)} ({numberOf[cause]})"));
        return reasons.Count == 0 ? "So" : $"{(goesOn ? "And because" : "Because")} {ConflictPhrases.Join(reasons, "and")}";
    }
}
