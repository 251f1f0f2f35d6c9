using Estream.Crypto;
using Estream.Host.Runtime;
using Estream.Wire;

namespace Estream.Host.Http;

/// <summary><c>GET /api/adapters/{name}/devices</c> returns the state, polls, errors and jitter of each device of an adapter.</summary>
internal static class DeviceEndpoint
{
    public static void MapDevices(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/adapters/{name}/devices", ListAsync).For(AccessRole.Viewer);

    private static Task ListAsync(HttpContext context, IHostView view, string name) => view.Devices(name) is { } devices
        ? JsonBody.SendAsync(context, [.. devices.Select(DeviceOverview.Of)], ApiJson.Default.DeviceOverviewArray)
        : Answer.ErrorAsync(context, StatusCodes.Status404NotFound,
            "There is no adapter with this name that has devices. /api/overview lists all adapters.");
}

/// <summary>A device of an adapter. <paramref name="LastPollAt"/> is in milliseconds since 1970-01-01 UTC; null if no poll has
/// ended.</summary>
internal sealed record DeviceOverview(
    string Name, string Address, string State, string Detail, long Polls, long Errors, long? LastPollAt, long? JitterMicros)
{
    private const long NanosPerMilli = 1_000_000;

    public static DeviceOverview Of(DeviceStatus device) => new(
        device.Name, device.Address, AdapterRuntime.WordOf(device.Health.State), device.Health.Detail, device.Polls, device.Errors,
        device.LastPollAt == 0 ? null : device.LastPollAt / NanosPerMilli, device.JitterMicros);
}
