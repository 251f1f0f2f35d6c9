using Estream.Scenarios.Harness;
using Estream.Scenarios.Product;

namespace Estream.Scenarios.Scenarios;

/// <summary>What a user of the console waits for while installed widgets show a thousand messages a second.</summary>
internal sealed class WidgetsScenario : IScenario
{
    private const double NanosPerMillisecond = 1_000_000;

    public string Name => "widgets";

    public string Summary => "a message from append to pixel in a widget, a frame of the page, an /api/overview beside twelve widgets";

    public Unit Unit => Unit.NanosPerOperation;

    public IReadOnlyList<ScenarioCase> Cases { get; } =
    [
        Case("append-to-pixel", context => new AppendToPixelContender(context), Goal.P99Below(50 * NanosPerMillisecond)),

        // Two intervals of a screen of 60 Hz are 33.3 ms.
        Case("page-frame", context => new WidgetFramesContender(context), Goal.P999Below(25 * NanosPerMillisecond)),
        Case("overview-12-widgets", context => new WidgetOverviewContender(context), Goal.P99Below(100 * NanosPerMillisecond)),
    ];

    private static ScenarioCase Case(string name, Func<ContenderContext, IContender> create, Goal goal) => new(
        name,
        Reference: null,
        Contender.Managed("estream", create) with
        {
            IsWithoutFiles = true,
            IsBuilt = WidgetPage.Chromium is not null,
            Target = new Target([goal], []),
        });
}
