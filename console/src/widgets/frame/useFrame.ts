import { use, useCallback, useEffect, useRef, useState, type RefObject } from 'react';
import { writeJson, type JsonObject } from '../../api/json';
import { usePalette } from '../../state/PaletteContext';
import { SessionContext } from '../../state/SessionContext';
import { FrameData } from '../gateway/FrameData';
import { gateway } from '../gateway/gatewayOfPage';
import type { DashboardTime, InstalledWidget } from '../types';
import { fetchBundle, fetchRuntime } from './bundles';
import { FrameSession, type FrameStatus } from './FrameSession';
import { themeAt } from './frameTheme';
import { WidgetStore } from './storage';

/** The most characters of the settings of one placement. */
const mostConfigChars = 16_384;

export interface FrameOptions {
  widget: InstalledWidget;
  title: string;
  config: JsonObject;
  /** Whether only a strip of the widget is visible. */
  collapsed: boolean;
  /** A paused dashboard holds the data of its widgets back. */
  time: DashboardTime;
  onConfigChange: (config: JsonObject) => void;
}

interface Frame {
  /** For the iframe, whose key must be `life`: a new key loads a new document. */
  ref: RefObject<HTMLIFrameElement | null>;
  life: string;
  status: FrameStatus;
  /** Starts the widget again in a new frame. */
  reload: () => void;
}

const loading: FrameStatus = { phase: 'loading', stop: null, reports: [] };

/** Runs a widget in the iframe that has the returned ref and key, while the component is on the page. */
export function useFrame(options: FrameOptions): Frame {
  const { widget, title, config, collapsed, time } = options;
  const ref = useRef<HTMLIFrameElement>(null);
  const session = useRef<{ frame: FrameSession; data: FrameData } | null>(null);
  const latest = useRef(options);
  latest.current = options;
  const user = use(SessionContext)?.name ?? null;
  const palette = usePalette();
  const [turn, setTurn] = useState(0);
  // Another stamp means another content or other rights. The host has ended the streams of the old one, so the widget starts again.
  const life = `${turn} ${widget.stamp}`;
  const [found, setFound] = useState({ life, status: loading });

  useEffect(() => {
    const element = ref.current;
    if (element === null || user === null) {
      return;
    }
    const { id, version, streams, tables, supportsLightMode, customAccent } = widget;
    const props = { theme: themeAt(element.parentElement!, supportsLightMode), collapsed, config, time };
    const data = new FrameData(widget, {
      gateway,
      send: (message) => opened.send(message),
      refused: (reason) => opened.report('refused', reason),
    });
    const store = new WidgetStore(user, id);
    const opened: FrameSession = new FrameSession(element, { widget: { id, version, title, supportsLightMode, customAccent }, streams, tables }, props, {
      load: async () => {
        const [runtime, bundle] = await Promise.all([fetchRuntime(), fetchBundle(widget)]);
        return { runtime, bundle };
      },
      data,
      storage: async ({ op, key, value }) => {
        if (op === 'get') {
          return store.get(key);
        }
        if (op === 'set') {
          store.set(key, value);
        } else {
          store.remove(key);
        }
        return null;
      },
      configChanged: (message) => {
        if (writeJson(message.config).length > mostConfigChars) {
          opened.report('refused', `The settings have more than ${mostConfigChars} characters, so they were not stored.`);
        } else {
          latest.current.onConfigChange(message.config);
        }
      },
      changed: (status) => setFound({ life, status }),
    });
    data.setPaused(time.isPaused);
    session.current = { frame: opened, data };
    return () => {
      session.current = null;
      opened.close();
    };
    // Later settings, themes and times go to the running frame.
  }, [life, user]);

  useEffect(() => {
    const element = ref.current?.parentElement;
    if (element) {
      session.current?.frame.setProps({ theme: themeAt(element, widget.supportsLightMode), collapsed, config });
    }
  }, [palette, collapsed, config, widget.supportsLightMode]);

  useEffect(() => {
    session.current?.frame.setProps({ time });
    session.current?.data.setPaused(time.isPaused);
  }, [time]);

  const reload = useCallback(() => setTurn((before) => before + 1), []);
  return { ref, life, status: found.life === life ? found.status : loading, reload };
}
