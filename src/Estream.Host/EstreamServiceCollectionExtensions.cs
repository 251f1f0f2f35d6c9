using Estream.Core;
using Estream.Host.Components;
using Estream.Host.Http;
using Estream.Host.Metrics;
using Estream.Host.Runtime;
using Estream.Host.Widgets;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Estream.Host;

/// <summary>Adds Estream to a generic host.</summary>
public static class EstreamServiceCollectionExtensions
{
    /// <summary>
    /// Adds the data plane. At start, storage opens first, and adapters listen once the maps have caught up. On shutdown, all received
    /// messages are committed and applied to the maps before storage closes. Call it once and use the returned builder.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <exception cref="InvalidOperationException">The method was called before.</exception>
    public static EstreamBuilder AddEstream(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(s => s.ServiceType == typeof(HostConfiguration)))
        {
            throw new InvalidOperationException(
                "AddEstream was called twice. A process has one data plane: keep the builder and use it again.");
        }

        HostConfiguration plan = new();
        services.AddSingleton(plan);
        services.AddSingleton<HostState>();
        services.AddSingleton<AdapterUpdater>();
        services.AddSingleton<AdapterSupervisor>();
        services.AddSingleton<CredentialReload>();
        services.AddSingleton<HostReload>();
        services.AddSingleton<DeadLetterRedrive>();
        services.AddSingleton<QueueOperator>();
        services.AddSingleton<FreeSpaceFloor>();
        services.AddSingleton(s => new ComponentUpdates(s.GetRequiredService<AdapterUpdater>()));
        services.AddSingleton<HostView>();
        services.AddSingleton<OverviewSource>();
        services.AddSingleton<IHostView>(s => s.GetRequiredService<HostView>());
        services.TryAddSingleton<IClock>(SystemClock.Instance);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<EventHub>();
        services.AddWidgets();
        services.AddSingleton<MetricRegistry>();
        services.AddSingleton<ProcessMetrics>();
        services.AddSingleton<HostMetrics>();
        services.AddHostedService<HostLifecycle>();
        services.AddHostedService<Sampler>();
        return new EstreamBuilder(plan);
    }

    /// <summary>Adds the widgets of the workspace, for the HTTP server and for the data plane.</summary>
    internal static void AddWidgets(this IServiceCollection services)
    {
        services.TryAddSingleton(s => new WidgetCatalogue(
            s.GetRequiredService<HostConfiguration>().Components, s.GetService<TimeProvider>() ?? TimeProvider.System));
        services.TryAddSingleton<IWidgetGrants>(s => s.GetRequiredService<WidgetCatalogue>());
    }
}
