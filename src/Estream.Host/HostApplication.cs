using System.Net;
using Estream.Core;
using Estream.Host.Configuration;
using Estream.Host.Http;
using Estream.Host.Marketplaces;
using Estream.Host.Metrics;
using Estream.Host.Remote;
using Estream.Host.Runtime;
using Estream.Host.Telemetry;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Estream.Host;

/// <summary>Builds the process: configuration, logging, web server and data plane. Nothing runs until the application starts.</summary>
internal static partial class HostApplication
{
    private static readonly TimeSpan s_shutdownLimit = TimeSpan.FromSeconds(45);

    /// <param name="configuration">The checked configuration.</param>
    /// <param name="readVariable">Reads an environment variable, when the host reads its configuration again.</param>
    public static WebApplication Build(LoadedConfiguration configuration, Func<string, string?> readVariable)
    {
        EstreamSettings settings = configuration.Settings;

        // Use an empty builder: the defaults read and watch additional files and add unused logging providers.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "Estream.Host",
            ContentRootPath = AppContext.BaseDirectory,
        });
        HostLogging.Configure(builder.Logging, configuration.File.Root);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = s_shutdownLimit);
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.AddHttp(settings.Http, settings.Client);
        if (settings.Marketplace is { } marketplace)
        {
            builder.Services.AddMarketplace(marketplace);
        }

        if (settings.Telemetry is { } telemetry)
        {
            // Registered before the data plane, so it stops after the data plane and exports the last traces of circuits.
            builder.Services.AddHostedService(services =>
                new TelemetryExport(telemetry, services.GetRequiredService<IClock>(), services.GetRequiredService<ILoggerFactory>()));
        }

        builder.Services.AddEstream()
            .AddShippedAdapters()
            .Add(settings, configuration.Schemas);

        if (!OperatingSystem.IsWindows())
        {
            // Registered after the data plane, which refuses a second host on the same data.
            SocketFolder folder = new([.. SocketsOf(settings)]);
            builder.Services.AddHostedService(_ => folder);
        }

        // Registered last, so it stops before the data plane.
        builder.Services.AddSingleton(settings.Client);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<RemoteServer>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RemoteServer>());

        WebApplication app = builder.Build();

        // Meters are recorded only while a listener exists, so create the listeners before the first scrape.
        app.Services.GetRequiredService<MetricRegistry>();
        app.Services.GetRequiredService<ProcessMetrics>();
        app.Services.GetRequiredService<HostMetrics>();
        app.Services.GetRequiredService<HostReload>()
            .Use(configuration, () => LoadedConfiguration.Load(configuration.File.Source, readVariable));
        app.UseHttp(settings.Http);
        app.Lifetime.ApplicationStarted.Register(() => LogAddresses(app, settings.Http));
        app.Lifetime.ApplicationStarted.Register(() => LogDurability(app));
        app.Lifetime.ApplicationStarted.Register(() => LogReplication(app));
        app.Lifetime.ApplicationStarted.Register(() => LogDataFolder(app));
        return app;
    }

    private static IEnumerable<(string Path, string Setting)> SocketsOf(EstreamSettings settings)
    {
        if (settings.Http.Socket is { } http)
        {
            yield return (http, "Estream:Http:Socket");
        }

        if (settings.Client.Socket is { } client)
        {
            yield return (client, "Estream:Client:Socket");
        }
    }

    /// <summary>Logs the actual addresses, because the system may have chosen the port.</summary>
    private static void LogAddresses(WebApplication app, HttpSettings settings)
    {
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host.Http");
        string[] addresses = [.. app.Urls];
        LogAddress(logger, addresses[0]);
        if (settings.ManagementPort is not null)
        {
            LogManagement(logger, addresses[1]);
        }

        IPAddress management = settings.ManagementAddress ?? settings.Address;
        if (settings.Certificate is null && !(settings.IsLoopback && IPAddress.IsLoopback(management)))
        {
            LogPlaintext(logger, settings.Address);
        }
    }

    private static void LogDurability(WebApplication app)
    {
        ILogger logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host");
        foreach (DurabilityWarning warning in app.Services.GetRequiredService<HostConfiguration>().DurabilityWarnings)
        {
            LogWeakDurability(logger, warning.Queue, warning.Durability, warning.Adapter, warning.Default);
        }
    }

    private static void LogReplication(WebApplication app)
    {
        if (app.Services.GetRequiredService<HostConfiguration>().Replication is { Cluster.Key.IsEmpty: true })
        {
            LogPlaintextEntries(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Replication"));
        }
    }

    private static void LogDataFolder(WebApplication app)
    {
        string folder = app.Services.GetRequiredService<HostConfiguration>().Data.Root;
        if (!OperatingSystem.IsWindows() && Directory.Exists(folder)
            && (File.GetUnixFileMode(folder) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            LogWritableData(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Estream.Host"), folder);
        }
    }

    [LoggerMessage(EventId = 5, Level = LogLevel.Information, Message = "Console, REST, health and metrics on {Address}.")]
    private static partial void LogAddress(ILogger logger, string address);

    [LoggerMessage(EventId = 72, Level = LogLevel.Information, Message = "Health and metrics also on {Address}.")]
    private static partial void LogManagement(ILogger logger, string address);

    [LoggerMessage(EventId = 73, Level = LogLevel.Warning,
        Message = "HTTP on {Address} is not encrypted: tokens and messages can be read on the network. Set Estream:Http:Certificate, or "
            + "use a proxy with TLS.")]
    private static partial void LogPlaintext(ILogger logger, IPAddress address);

    [LoggerMessage(EventId = 109, Level = LogLevel.Warning,
        Message = "Replication is not encrypted: the brokers can read all messages, and each program that may write to the streams can add "
            + "messages. Set Estream:Replication:KeyFile on all hosts.")]
    private static partial void LogPlaintextEntries(ILogger logger);

    [LoggerMessage(EventId = 170, Level = LogLevel.Warning,
        Message = "Estream:Queues:{Queue}:Durability is {Durability}: a power cut loses messages that the adapter {Adapter} has "
            + "acknowledged and that its peers do not send again. Remove this key to use {Standard}.")]
    private static partial void LogWeakDurability(ILogger logger, string queue, string durability, string adapter, string standard);

    [LoggerMessage(EventId = 171, Level = LogLevel.Warning,
        Message = "Users other than the owner may write to the data folder {Folder}, and so replace all data of the host. Run: "
            + "chmod go-w {Folder}")]
    private static partial void LogWritableData(ILogger logger, string folder);
}
